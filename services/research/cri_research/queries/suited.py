"""Partners as matching sees them: who of a country could take a question."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cri_shared import clock
from sqlalchemy.ext.asyncio import AsyncSession

from cri_research.models import Assignment, Partner, Question
from cri_research.queries.partners import Past, all_partners, identities, open_counts, pasts
from cri_research.rig import Rig
from cri_research.rules.matching import Candidate, Match, Wanted, rank
from cri_research.rules.states import LIVE, Step


@dataclass(frozen=True)
class Suggestion:
    """A partner for a question: its name, and how well it fits."""

    partner: Partner
    name: str
    match: Match


@dataclass(frozen=True)
class Roster:
    """The partners of a country as they are now: what they did lately, how much they have."""

    partners: Mapping[str, Partner]
    past: Mapping[str, Past]
    busy: Mapping[str, int]

    def ranked(
        self, wanted: Wanted, own: Sequence[Assignment] = ()
    ) -> tuple[list[Match], list[Match]]:
        """(who fits, best first; who is barred); `own` are the question's assignments so far."""
        candidates = [self._candidate(partner, own) for partner in self.partners.values()]
        return rank(wanted, candidates, clock.today())

    def _candidate(self, partner: Partner, own: Sequence[Assignment]) -> Candidate:
        its = [a for a in own if a.partner_id == partner.partner_id]
        steps = {a.status for a in its}
        return Candidate(
            partner_id=partner.partner_id,
            countries=frozenset(partner.countries),
            regions=tuple(partner.regions),
            topics=frozenset(partner.topics),
            languages=frozenset(partner.languages),
            capacity=partner.capacity,
            open_assignments=self.busy.get(partner.partner_id, 0),
            suspended=partner.suspended_at is not None,
            lacks_pin=partner.lacks_pin,
            agreement_from=partner.agreement_from,
            agreement_until=partner.agreement_until,
            record=self.past[partner.partner_id].record,
            declined_this=Step.DECLINED in steps,
            has_this=bool(steps & LIVE),
            taken_back=any(a.ended_why == "reassigned" for a in its),
        )


async def roster_of(session: AsyncSession, country: str) -> Roster:
    """The partners of a country, for questions about it."""
    partners = await all_partners(session, country)
    ids = [p.partner_id for p in partners]
    past, busy = await pasts(session, ids), await open_counts(session, ids)
    return Roster({p.partner_id: p for p in partners}, past, busy)


async def has_room(session: AsyncSession, country: str) -> bool:
    """Whether a partner of a country can take one more question, whichever it is."""
    every = await all_partners(session, country)
    there = [p for p in every if p.is_available and not p.lacks_pin]
    if not there:
        return False
    busy = await open_counts(session, [p.partner_id for p in there])
    return any(busy.get(p.partner_id, 0) < p.capacity for p in there)


def wanted_of(question: Question) -> Wanted:
    """What a question asks of a partner."""
    return Wanted(
        country=question.country,
        topics=frozenset(question.topics),
        language=question.language,
        region=question.region,
    )


async def suggestions(
    session: AsyncSession, rig: Rig, question: Question
) -> tuple[list[Suggestion], list[Suggestion]]:
    """(who could take a question, best first; who cannot) with their names."""
    roster = await roster_of(session, question.country)
    fitting, barred = roster.ranked(wanted_of(question), question.assignments)
    names = await identities(rig, roster.partners.values())

    def shown(matches: list[Match]) -> list[Suggestion]:
        return [
            Suggestion(roster.partners[m.partner_id], names[m.partner_id].name, m)
            for m in matches
            if m.partner_id in names
        ]

    return shown(fitting), shown(barred)
