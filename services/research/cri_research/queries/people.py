"""Looking at the words of answers: whom they name, and whether that is their partner."""

import asyncio
from collections.abc import Iterable

from cri_shared.places import COUNTRIES
from cri_shared.privacy.leakcheck import CaseFacts

from cri_research.models import Partner, Question
from cri_research.queries.partners import Identity
from cri_research.rules.answers import Answer
from cri_research.rules.people import Seen, look_at


async def seen_in(
    question: Question, answers: Iterable[Answer], hidden: Iterable[tuple[Partner, Identity]]
) -> Seen:
    """What the gate sees in answers; `hidden` are the partners that readers must not know."""
    country = COUNTRIES.get(question.country)
    about = [question.region or "", *(country.names.values() if country else ())]
    return await asyncio.to_thread(look_at, list(answers), about, _facts(hidden))


def _facts(hidden: Iterable[tuple[Partner, Identity]]) -> CaseFacts:
    """The name of a person is one in any order and spelling; that of an office as it is written."""
    known = list(hidden)
    people = tuple(who.name for partner, who in known if partner.kind == "individual")
    offices = tuple(who.name for partner, who in known if partner.kind != "individual")
    return CaseFacts(names=people, emails=tuple(who.email for _, who in known), other=offices)
