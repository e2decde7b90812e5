"""Partners as coordinators see them, and as matching sees them."""

import statistics
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.errors import NotFound
from cri_shared.privacy.vault import Erased, SealedText
from cri_shared.web.i18n import sort_key
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_research.models import Assignment, CountryState, Partner, Question
from cri_research.rig import Rig
from cri_research.rules.deadlines import working_days_between
from cri_research.rules.matching import Candidate, Match, Record, Wanted, rank
from cri_research.rules.states import LIVE, OPEN, Step


@dataclass(frozen=True)
class Identity:
    """Who a partner is: C4, for coordinators' eyes and the mail only."""

    name: str
    email: str
    reach: str = ""
    notes: str = ""


@dataclass(frozen=True)
class Reuse:
    """What became of a partner's approved answers: readers of the public entries and askers."""

    approved: int = 0
    published: int = 0  # those that stand in a public entry
    yes: int = 0
    partly: int = 0
    no: int = 0


@dataclass(frozen=True)
class Known:
    """A partner with its name, what it did so far, and what became of it."""

    partner: Partner
    identity: Identity
    record: Record
    open_assignments: int
    reuse: Reuse


@dataclass(frozen=True)
class Suggestion:
    """A partner for a question: its name, and how well it fits."""

    partner: Partner
    name: str
    match: Match


async def partner_of(session: AsyncSession, partner_id: str) -> Partner:
    """One partner; raises `NotFound`."""
    partner = await session.get(Partner, partner_id)
    if partner is None:
        raise NotFound
    return partner


async def partner_of_form(session: AsyncSession, form_id: str) -> Partner | None:
    """The partner that a form added before, or None."""
    return (
        await session.execute(select(Partner).where(Partner.form_id == form_id))
    ).scalar_one_or_none()


async def identity_of(rig: Rig, partner: Partner) -> Identity:
    """Who a partner is; raises `Erased`."""
    known = await identities(rig, [partner])
    if partner.partner_id not in known:
        raise Erased
    return known[partner.partner_id]


async def identities(rig: Rig, partners: Iterable[Partner]) -> dict[str, Identity]:
    """Who these partners are, by id; the erased are left out."""
    by_id = {p.partner_id: p for p in partners}
    keys = await rig.keys.get_many("partner", list(by_id))
    return {
        partner_id: _opened(SealedText(key, f"partner:{partner_id}"), by_id[partner_id])
        for partner_id, key in keys.items()
    }


def _opened(sealed: SealedText, partner: Partner) -> Identity:
    def read(name: str, text: bytes | None) -> str:
        return sealed.open(name, text) if text else ""

    return Identity(
        name=sealed.open("name", partner.name_sealed),
        email=sealed.open("email", partner.email_sealed),
        reach=read("reach", partner.reach_sealed),
        notes=read("notes", partner.notes_sealed),
    )


async def all_partners(session: AsyncSession, country: str | None = None) -> list[Partner]:
    """Every partner (of a country); there are hundreds at most."""
    partners = (await session.execute(select(Partner))).scalars().all()
    return [p for p in partners if country is None or country in p.countries]


async def directory(
    session: AsyncSession, rig: Rig, *, country: str | None, state: str | None, words: str
) -> list[Known]:
    """The partners of a country, in a state, whose name holds some words; by name."""
    partners = [p for p in await all_partners(session, country) if _in_state(p, state)]
    names = await identities(rig, partners)
    ids = [p.partner_id for p in partners]
    past, busy = await records(session, partners), await open_counts(session, ids)
    used = await reuses(session, ids)
    known = [
        Known(
            p,
            names[p.partner_id],
            past[p.partner_id],
            busy.get(p.partner_id, 0),
            used.get(p.partner_id, Reuse()),
        )
        for p in partners
        if p.partner_id in names
    ]
    wanted = sort_key(words)
    found = [k for k in known if wanted in sort_key(k.identity.name)]
    return sorted(found, key=lambda k: sort_key(k.identity.name))


def _in_state(partner: Partner, state: str | None) -> bool:
    match state:
        case "available":
            return partner.is_available
        case "suspended":
            return partner.suspended_at is not None
        case "ended":
            return partner.suspended_at is None and not partner.is_available
        case _:
            return True


async def known(session: AsyncSession, rig: Rig, partner_id: str) -> Known:
    """One partner with all that is known; raises `NotFound`."""
    partner = await partner_of(session, partner_id)
    past = await records(session, [partner])
    busy = await open_counts(session, [partner_id])
    used = await reuses(session, [partner_id])
    return Known(
        partner,
        await identity_of(rig, partner),
        past[partner_id],
        busy.get(partner_id, 0),
        used.get(partner_id, Reuse()),
    )


async def open_counts(session: AsyncSession, partner_ids: Sequence[str]) -> dict[str, int]:
    """How many questions each partner still has to answer."""
    counted = (
        select(Assignment.partner_id, func.count())
        .where(Assignment.partner_id.in_(partner_ids), Assignment.status.in_(OPEN))
        .group_by(Assignment.partner_id)
    )
    return {row[0]: row[1] for row in (await session.execute(counted)).all()}


async def records(session: AsyncSession, partners: Sequence[Partner]) -> dict[str, Record]:
    """What each partner did so far."""
    rows = select(
        Assignment.partner_id,
        Assignment.status,
        Assignment.calendar,
        Assignment.sent_at,
        Assignment.answered_at,
        Assignment.overdue_at,
    ).where(Assignment.partner_id.in_([p.partner_id for p in partners]))
    answered: dict[str, list[int]] = defaultdict(list)
    declined: dict[str, int] = defaultdict(int)
    late: dict[str, int] = defaultdict(int)
    for row in (await session.execute(rows)).all():
        declined[row.partner_id] += row.status == Step.DECLINED
        if row.answered_at is not None:
            late[row.partner_id] += row.overdue_at is not None
            days = (clock.belgian(row.sent_at).date(), clock.belgian(row.answered_at).date())
            answered[row.partner_id].append(working_days_between(*days, row.calendar))
    return {
        p.partner_id: Record(
            answered=len(answered[p.partner_id]),
            declined=declined[p.partner_id],
            late=late[p.partner_id],
            median_days=statistics.median(answered[p.partner_id] or [0])
            if answered[p.partner_id]
            else None,
        )
        for p in partners
    }


async def reuses(session: AsyncSession, partner_ids: Sequence[str]) -> dict[str, Reuse]:
    """What became of each partner's approved answers; without those who have none."""
    rows = (
        select(
            Assignment.partner_id,
            func.count(),
            func.count(Question.covered_by),
            func.sum(Question.rated_yes),
            func.sum(Question.rated_partly),
            func.sum(Question.rated_no),
        )
        .join(Question, Question.research_id == Assignment.research_id)
        .where(Assignment.partner_id.in_(partner_ids), Assignment.status == Step.APPROVED)
        .group_by(Assignment.partner_id)
    )
    return {
        partner_id: Reuse(*(int(n) for n in numbers))
        for partner_id, *numbers in (await session.execute(rows)).all()
    }


async def work_of(session: AsyncSession, partner_id: str) -> list[tuple[Assignment, Question]]:
    """What a partner was sent, newest first."""
    rows = (
        select(Assignment, Question)
        .join(Question, Question.research_id == Assignment.research_id)
        .where(Assignment.partner_id == partner_id)
        .order_by(Assignment.sent_at.desc())
        .limit(50)
    )
    return [(row[0], row[1]) for row in (await session.execute(rows)).all()]


async def ranked(
    session: AsyncSession, question: Question
) -> tuple[list[Match], list[Match], dict[str, Partner]]:
    """(who fits, best first; who is barred; the partners by id) for a question."""
    partners = await all_partners(session, question.country)
    ids = [p.partner_id for p in partners]
    past, busy = await records(session, partners), await open_counts(session, ids)
    candidates = [
        _candidate(p, question, past[p.partner_id], busy.get(p.partner_id, 0)) for p in partners
    ]
    wanted = Wanted(
        country=question.country,
        topics=frozenset(question.topics),
        language=question.language,
        region=question.region,
    )
    fitting, barred = rank(wanted, candidates, clock.today())
    return fitting, barred, {p.partner_id: p for p in partners}


def _candidate(partner: Partner, question: Question, record: Record, busy: int) -> Candidate:
    own = [a for a in question.assignments if a.partner_id == partner.partner_id]
    steps = {a.status for a in own}
    return Candidate(
        partner_id=partner.partner_id,
        countries=frozenset(partner.countries),
        regions=tuple(partner.regions),
        topics=frozenset(partner.topics),
        languages=frozenset(partner.languages),
        capacity=partner.capacity,
        open_assignments=busy,
        suspended=partner.suspended_at is not None,
        lacks_pin=partner.lacks_pin,
        agreement_from=partner.agreement_from,
        agreement_until=partner.agreement_until,
        record=record,
        declined_this=Step.DECLINED in steps,
        has_this=bool(steps & LIVE),
        taken_back=any(a.ended_why == "reassigned" for a in own),
    )


async def suggestions(
    session: AsyncSession, rig: Rig, question: Question
) -> tuple[list[Suggestion], list[Suggestion]]:
    """(who could take a question, best first; who cannot) with their names."""
    fitting, barred, partners = await ranked(session, question)
    names = await identities(rig, partners.values())

    def shown(matches: list[Match]) -> list[Suggestion]:
        return [
            Suggestion(partners[m.partner_id], names[m.partner_id].name, m)
            for m in matches
            if m.partner_id in names
        ]

    return shown(fitting), shown(barred)


async def countries(session: AsyncSession) -> dict[str, CountryState]:
    """What is known of each country that ever had a partner or a switch."""
    return {c.country: c for c in (await session.execute(select(CountryState))).scalars().all()}
