"""Partners as coordinators see them."""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from cri_shared import clock
from cri_shared.errors import NotFound
from cri_shared.privacy.vault import Erased, SealedText
from cri_shared.web.i18n import sort_key
from sqlalchemy import ColumnElement, Row, and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_research.models import Assignment, CountryState, Partner, Question
from cri_research.rig import Rig
from cri_research.rules.deadlines import working_days_between
from cri_research.rules.matching import Record
from cri_research.rules.states import OPEN, Step

RECENT = (
    100  # questions that a partner was sent last: they tell how it works, older ones how it did
)


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
class Past:
    """What a partner did with the questions that it was sent last, and what became of that."""

    record: Record
    reuse: Reuse


@dataclass(frozen=True)
class Known:
    """A partner with its name, what it did lately, and what became of it."""

    partner: Partner
    identity: Identity
    past: Past
    open_assignments: int


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
    past, busy = await pasts(session, ids), await open_counts(session, ids)
    known = [
        Known(
            p,
            names[p.partner_id],
            past[p.partner_id],
            busy.get(p.partner_id, 0),
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
    past = await pasts(session, [partner_id])
    busy = await open_counts(session, [partner_id])
    return Known(
        partner,
        await identity_of(rig, partner),
        past[partner_id],
        busy.get(partner_id, 0),
    )


async def open_counts(session: AsyncSession, partner_ids: Sequence[str]) -> dict[str, int]:
    """How many questions each partner still has to answer."""
    counted = (
        select(Assignment.partner_id, func.count())
        .where(Assignment.partner_id.in_(partner_ids), Assignment.status.in_(OPEN))
        .group_by(Assignment.partner_id)
    )
    return {row[0]: row[1] for row in (await session.execute(counted)).all()}


async def _recent(session: AsyncSession, partner_ids: Sequence[str]) -> ColumnElement[bool]:
    """The condition of the last `RECENT` questions that each partner was sent."""
    first = (
        select(Assignment.sent_at)
        .where(Assignment.partner_id == Partner.partner_id)
        .order_by(Assignment.sent_at.desc())
        .offset(RECENT - 1)
        .limit(1)
        .scalar_subquery()
    )
    rows = select(Partner.partner_id, first).where(Partner.partner_id.in_(partner_ids))
    since = {partner_id: at for partner_id, at in (await session.execute(rows)).all() if at}
    others = [partner_id for partner_id in partner_ids if partner_id not in since]
    return or_(
        Assignment.partner_id.in_(others),
        *(
            and_(Assignment.partner_id == partner_id, Assignment.sent_at >= at)
            for partner_id, at in since.items()
        ),
    )


async def pasts(session: AsyncSession, partner_ids: Sequence[str]) -> dict[str, Past]:
    """What each partner did with the last `RECENT` questions, and what became of its answers."""
    rows = (
        select(
            Assignment.partner_id,
            Assignment.status,
            Assignment.calendar,
            Assignment.sent_at,
            Assignment.answered_at,
            Assignment.overdue_at,
            Question.covered_by,
            Question.rated_yes,
            Question.rated_partly,
            Question.rated_no,
        )
        .join(Question, Question.research_id == Assignment.research_id)
        .where(await _recent(session, partner_ids))
    )
    found: dict[str, list[Row[*tuple[Any, ...]]]] = {partner_id: [] for partner_id in partner_ids}
    for row in (await session.execute(rows)).all():
        found[row.partner_id].append(row)
    return {partner_id: Past(_record(sent), _reuse(sent)) for partner_id, sent in found.items()}


def _record(sent: Sequence[Row[*tuple[Any, ...]]]) -> Record:
    answered = [row for row in sent if row.answered_at is not None]
    days = [
        working_days_between(
            clock.belgian(row.sent_at).date(), clock.belgian(row.answered_at).date(), row.calendar
        )
        for row in answered
    ]
    return Record(
        answered=len(answered),
        declined=sum(row.status == Step.DECLINED for row in sent),
        late=sum(row.overdue_at is not None for row in answered),
        median_days=statistics.median(days) if days else None,
    )


def _reuse(sent: Sequence[Row[*tuple[Any, ...]]]) -> Reuse:
    approved = [row for row in sent if row.status == Step.APPROVED]
    return Reuse(
        approved=len(approved),
        published=sum(row.covered_by is not None for row in approved),
        yes=sum(row.rated_yes for row in approved),
        partly=sum(row.rated_partly for row in approved),
        no=sum(row.rated_no for row in approved),
    )


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


async def countries(session: AsyncSession) -> dict[str, CountryState]:
    """What is known of each country that ever had a partner or a switch."""
    return {c.country: c for c in (await session.execute(select(CountryState))).scalars().all()}
