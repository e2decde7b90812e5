"""What the desk and a case's page show: who may see it, what leaves, what may tell who asks."""

import asyncio
import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from cri_shared import clock
from cri_shared.db.some import said
from cri_shared.errors import NotFound
from cri_shared.identity.staff import Staff
from cri_shared.places import INTERFACE_LANGUAGES
from cri_shared.privacy.detectors import Cue, cues, is_town
from cri_shared.privacy.gate import Suspect, look_in_any, once, suspects
from cri_shared.privacy.leakcheck import CaseFacts, Leak, facts_from_text, leaks
from cri_shared.privacy.vault import Erased
from rapidfuzz import fuzz
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import Case, Draft, Pause, Reveal, messaging
from cri_intake.models.case_queue import WORKING
from cri_intake.queries.askers import thread_of, words_of
from cri_intake.queries.figures import misses_of
from cri_intake.queries.research import group_of
from cri_intake.rig import Rig
from cri_intake.rules.desk import Said, Spotted

WORDS_SHOWN = "question.words_shown"
DECISIONS = ("text.not_confirmed", "question.released", "clarification.given")
_CANDIDATES = 50
_TELLING_REFERENCE = 5  # a shorter one would be found in half of all texts
_SHOWN = 5


async def case_of(session: AsyncSession, question_id: str) -> Case:
    """A case for an officer; raises `NotFound`."""
    case = await session.get(Case, question_id)
    if case is None:
        raise NotFound
    return case


async def is_with(session: AsyncSession, staff: Staff, case: Case) -> bool:
    """Whether an officer works on a case, or may confirm a text of it that waits for another."""
    mine = case.officer_id == staff.staff_id
    return mine or await waiting_draft_of(session, case) is not None


async def has_decided(session: AsyncSession, staff: Staff, case: Case) -> bool:
    """Whether an officer released a text of a case before, or sent one back."""
    decided = select(messaging.audit.c.id).where(
        messaging.audit.c.about == case.question_id,
        messaging.audit.c.actor_id == staff.staff_id,
        messaging.audit.c.action.in_(DECISIONS),
    )
    return (await session.execute(decided.limit(1))).first() is not None


async def is_revealed(session: AsyncSession, staff: Staff, case: Case) -> bool:
    """Whether this session of an officer may see what the asker wrote, at this moment."""
    if not await is_with(session, staff, case):
        return False
    reveal = await session.get(Reveal, (staff.session_id, case.question_id))
    return reveal is not None and reveal.is_open


async def reveals_today(session: AsyncSession, staff: Staff) -> int:
    """How often somebody opened what askers wrote since midnight in Belgium."""
    midnight = clock.belgian(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    shown = select(func.count()).where(
        messaging.audit.c.actor_id == staff.staff_id,
        messaging.audit.c.action == WORDS_SHOWN,
        messaging.audit.c.at >= midnight.astimezone(dt.UTC),
    )
    return int((await session.execute(shown)).scalar_one())


async def draft_of(session: AsyncSession, case: Case, purpose: str) -> Draft | None:
    """The text that is being written for a case, or None."""
    wanted = select(Draft).where(Draft.question_id == case.question_id, Draft.purpose == purpose)
    return (await session.execute(wanted)).scalar_one_or_none()


async def waiting_draft_of(session: AsyncSession, case: Case) -> Draft | None:
    """A text of a case that waits for a second officer, or None."""
    wanted = select(Draft).where(
        Draft.question_id == case.question_id, Draft.second_asked_at.is_not(None)
    )
    return (await session.execute(wanted)).scalars().first()


async def text_of(rig: Rig, case: Case, draft: Draft) -> str:
    """What a draft says."""
    return (await rig.sealed(case.owner)).open(f"draft:{draft.draft_id}", draft.text_sealed)


async def said_of(rig: Rig, case: Case, draft: Draft | None) -> Said:
    """What officers said about a draft."""
    if draft is None or draft.said_sealed is None:
        return Said()
    sealed = await rig.sealed(case.owner)
    return Said.from_json(sealed.open(f"said:{draft.draft_id}", draft.said_sealed))


async def remark_of(rig: Rig, case: Case, draft: Draft | None) -> str:
    """Why a second officer sent a text back, while it is written anew; or nothing."""
    if draft is None or draft.remark_sealed is None:
        return ""
    return (await rig.sealed(case.owner)).open(f"remark:{draft.purpose}", draft.remark_sealed)


async def pauses_of(session: AsyncSession, case: Case) -> list[Pause]:
    """When the clock of a case stood still."""
    rows = select(Pause).where(Pause.question_id == case.question_id).order_by(Pause.began_at)
    return list((await session.execute(rows)).scalars())


@dataclass(frozen=True)
class Gate:
    """What was found in an outgoing text, and the versions of the cases it was compared with.

    `everywhere` are the suspects of the text with every repetition, `spotted` each of them once.
    `seen` and `missed` are kinds by question_id: what the detectors saw in what its asker wrote,
    and what officers marked there.
    """

    leaks: list[Leak]
    everywhere: list[Suspect]
    spotted: list[Spotted]
    cues: list[Cue]
    versions: dict[str, int]
    seen: dict[str, list[str]]
    missed: dict[str, list[str]]


@dataclass(frozen=True)
class _Known:
    question_id: str
    text: str
    language: str
    contact: dict[str, str]
    misses: list[tuple[str, str]]


@dataclass(frozen=True)
class Askers:
    """All that is known of those who share a question, and the versions of their cases."""

    known: list[_Known]
    versions: dict[str, int]


async def askers_of(session: AsyncSession, rig: Rig, case: Case) -> Askers:
    """The askers of a case and of those linked with it."""
    group = await group_of(session, case)
    known = [await _known(session, rig, member) for member in group]
    versions = {member.question_id: member.version for member in group}
    return Askers([one for one in known if one is not None], versions)


async def check(them: Askers, text: str, language: str, region: str) -> Gate:
    """Compare a text and the region that leaves with it with all that is known of its askers.

    Slow at first: no transaction waits for it.
    """
    return await asyncio.to_thread(_look, them, text, language, region)


async def _known(session: AsyncSession, rig: Rig, case: Case) -> _Known | None:
    try:
        words = await words_of(rig, case)
    except Erased:
        return None
    thread = await thread_of(session, rig, case)
    texts = [words.original, *(message.text for message in thread)]
    contact = {"email": words.email, "phone": words.phone, "reference": words.reference}
    if len(words.reference) >= _TELLING_REFERENCE:
        contact["reference word for word"] = words.reference
    misses = await misses_of(session, rig, case)
    return _Known(case.question_id, "\n".join(texts), case.language, contact, misses)


def _look(them: Askers, text: str, language: str, region: str) -> Gate:
    """Slow (the word lists are read the first time): never in the event loop."""
    known = them.known
    outgoing = f"{text}\n{region}" if region else text
    found = {leak for one in known for leak in leaks(_facts(one), outgoing)}
    everywhere = suspects(text, language)
    spotted = [_spotted(suspect) for suspect in once(everywhere)]
    beside = [replace(s, kind="place") for s in suspects(region, language)]
    spotted += [Spotted(s, "place", _size(s)) for s in once(beside)]
    return Gate(
        leaks=sorted(found, key=lambda leak: (leak.start, leak.end, leak.kind)),
        everywhere=everywhere,
        spotted=list({one.mark: one for one in reversed(spotted)}.values())[::-1],
        cues=cues(text),
        versions=them.versions,
        seen={k.question_id: _kinds_in(k) for k in known},
        missed={k.question_id: [kind for kind, _ in k.misses] for k in known},
    )


def _facts(known: _Known) -> CaseFacts:
    facts = facts_from_text(known.text, known.language, known.contact)
    for kind, words in known.misses:
        facts = facts.also(kind, words)
    return facts


def _kinds_in(known: _Known) -> list[str]:
    return [suspect.kind for suspect in once(suspects(known.text, known.language))]


def _spotted(suspect: Suspect) -> Spotted:
    return Spotted(suspect, "text", _size(suspect) if suspect.kind == "place" else "")


def _size(place: Suspect) -> str:
    return "town" if is_town(place.text) else "small"


async def suspects_in(
    text: str, language: str, misses: Sequence[tuple[str, str]] = ()
) -> list[Suspect]:
    """What the detectors see in a text, and what officers marked in it."""
    found = await asyncio.to_thread(suspects, text, language)
    for kind, words in misses:
        found += [
            Suspect(kind, match[0], match.start(), match.end())
            for match in re.finditer(re.escape(words), text, re.IGNORECASE)
        ]
    return found


async def anothers_in(them: Askers, case: Case, text: str) -> list[Suspect]:
    """What in words to an asker may belong to somebody else, each once. Slow at first.

    What this asker wrote is no news to them; linked askers, who read the same note, do not know it.
    """
    found = once(await look_in_any(text, [case.language, *INTERFACE_LANGUAGES]))
    if len(them.versions) > 1:
        return found
    said = [part for one in them.known for part in (one.text, *one.contact.values())]
    own = " ".join(said).casefold()
    return [suspect for suspect in found if suspect.text.strip().casefold() not in own]


@dataclass(frozen=True)
class Similar:
    """An open question of the same country that may be the same one."""

    case: Case
    likeness: int  # percent of the words


async def similar_to(session: AsyncSession, rig: Rig, case: Case) -> list[Similar]:
    """The open questions of the same country, the likest first; their words are not shown."""
    rows = (
        select(Case)
        .where(
            said(WORKING),
            Case.country == case.country,
            Case.question_id != case.question_id,
            Case.linked_to.is_(None),
        )
        .order_by(Case.received_at.desc())
        .limit(_CANDIDATES)
    )
    others = [c for c in (await session.execute(rows)).scalars() if c.question_id != case.linked_to]
    own = await words_of(rig, case)
    found = []
    for other in others:
        words = await words_of(rig, other)
        found.append(Similar(other, round(fuzz.token_set_ratio(own.original, words.original))))
    return sorted(found, key=lambda similar: -similar.likeness)[:_SHOWN]
