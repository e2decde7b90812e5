"""Organisations and their desks: for trainers, and what an organisation sees of its own people."""

from collections.abc import Sequence
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.errors import NotFound
from cri_shared.identity.secrets import token_hash
from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from cri_training.actions.asking import Details, details_in, sealed_for
from cri_training.models import Attendance, Desk, Edition, Organisation, Reservation, SignUp
from cri_training.queries.sign_ups import SHOWN, successors_of
from cri_training.rig import KEY_KIND, Rig
from cri_training.rules.attendance import CAME
from cri_training.rules.states import GOING_AHEAD, Status

ASKED = (*SHOWN, Status.REQUESTED)
OVER = 50  # workshops that are over, on the page of an organisation


@dataclass(frozen=True)
class Colleague:
    """One of an organisation's people: who, where they stand, how many sessions they came to."""

    sign_up: SignUp
    details: Details | None
    came: int
    successor: Details | None


@dataclass(frozen=True)
class Offered:
    """An edition as an organisation sees it: what is kept for it, and how many of its people."""

    edition: Edition
    reservation: Reservation | None
    number: int


@dataclass(frozen=True)
class Opened:
    """One of them, with the people themselves."""

    edition: Edition
    reservation: Reservation | None
    people: Sequence[Colleague]

    def person(self, sign_up_id: str) -> Colleague:
        """One of its people; raises `NotFound`."""
        for one in self.people:
            if one.sign_up.sign_up_id == sign_up_id:
                return one
        raise NotFound


async def organisations(session: AsyncSession) -> Sequence[tuple[Organisation, Desk | None]]:
    """Every organisation with its desk, by name."""
    found = (
        select(Organisation, Desk)
        .outerjoin(Desk, Desk.organisation_id == Organisation.organisation_id)
        .order_by(Organisation.name)
    )
    return [(one, desk) for one, desk in (await session.execute(found)).all()]


async def organisation(
    session: AsyncSession, organisation_id: str
) -> tuple[Organisation, Desk | None]:
    """One organisation with its desk; raises `NotFound`."""
    one = await session.get(Organisation, organisation_id)
    if one is None:
        raise NotFound
    return one, await session.get(Desk, organisation_id)


async def of_token(session: AsyncSession, token: str) -> Organisation:
    """Whose desk a link opens; raises `NotFound`."""
    found = (
        select(Organisation)
        .join(Desk, Desk.organisation_id == Organisation.organisation_id)
        .where(Desk.token_hash == token_hash(token), Desk.until > clock.now())
    )
    one = (await session.execute(found)).scalar_one_or_none()
    if one is None:
        raise NotFound
    return one


async def offered(
    session: AsyncSession, organisation_id: str
) -> tuple[list[Offered], list[Offered]]:
    """The editions to come, soonest first; the last of those that its people came or wanted to."""
    soonest = (Edition.starts_at, Edition.edition_id)
    coming = _together(select(Edition).where(_coming()).order_by(*soonest))
    latest = (column.desc() for column in soonest)
    theirs = (await session.execute(_last(organisation_id))).scalars().all()
    over = _together(select(Edition).where(Edition.edition_id.in_(theirs)).order_by(*latest))
    editions = [(await session.execute(rows)).scalars().all() for rows in (coming, over)]
    ids = [one.edition_id for some in editions for one in some]
    counted = select(SignUp.edition_id, func.count()).where(
        SignUp.edition_id.in_(ids), *_theirs(organisation_id)
    )
    rows = (await session.execute(counted.group_by(SignUp.edition_id))).all()
    people = {edition_id: number for edition_id, number in rows}
    to_come, last = (
        [
            Offered(one, _reserved(one, organisation_id), people.get(one.edition_id, 0))
            for one in some
        ]
        for some in editions
    )
    return to_come, last


async def offered_one(
    session: AsyncSession, rig: Rig, organisation_id: str, edition_id: str
) -> Opened:
    """One of them; raises `NotFound`."""
    theirs = or_(_coming(), _own(organisation_id))
    found = _together(select(Edition).where(Edition.edition_id == edition_id, theirs))
    one = (await session.execute(found)).scalar_one_or_none()
    if one is None:
        raise NotFound
    people = await _people(session, rig, organisation_id, edition_id)
    return Opened(one, _reserved(one, organisation_id), people)


def _coming() -> ColumnElement[bool]:
    return and_(Edition.status.in_(GOING_AHEAD), Edition.ends_at > clock.now())


def _own(organisation_id: str) -> ColumnElement[bool]:
    """Public once, and somebody of the organisation came or wanted to."""
    theirs = SignUp.organisation_id == organisation_id
    own = exists().where(SignUp.edition_id == Edition.edition_id, theirs)
    return and_(own, Edition.published_at.is_not(None))


def _last(organisation_id: str) -> Select[str]:
    """The last of those that are over, along what the organisation's people signed up for."""
    ends = (SignUp.edition_ends_at, SignUp.edition_id)
    found = select(SignUp.edition_id).join(Edition, Edition.edition_id == SignUp.edition_id)
    theirs = found.where(SignUp.organisation_id == organisation_id)
    over = theirs.where(Edition.published_at.is_not(None), ~_coming()).group_by(*ends)
    return over.order_by(*(column.desc() for column in ends)).limit(OVER)


def _together(editions: Select[Edition]) -> Select[Edition]:
    return editions.options(selectinload(Edition.sittings), selectinload(Edition.reservations))


def _theirs(organisation_id: str) -> list[ColumnElement[bool]]:
    """The organisation's people; who was only asked, as long as that link is good."""
    asked = and_(SignUp.proof_until > clock.now(), SignUp.takes_over.is_(None))
    return [
        SignUp.organisation_id == organisation_id,
        SignUp.status.in_(ASKED),
        or_(SignUp.status != Status.REQUESTED, asked),
    ]


def _reserved(edition: Edition, organisation_id: str) -> Reservation | None:
    theirs = (r for r in edition.reservations if r.organisation_id == organisation_id)
    return next((r for r in theirs if r.until > clock.now()), None)


async def _people(
    session: AsyncSession, rig: Rig, organisation_id: str, edition_id: str
) -> list[Colleague]:
    """The organisation's people at an edition, in the order in which they were named."""
    theirs = select(SignUp).where(SignUp.edition_id == edition_id, *_theirs(organisation_id))
    sign_ups = (await session.execute(theirs.order_by(SignUp.requested_at))).scalars().all()
    ids = [one.sign_up_id for one in sign_ups]
    asked = (await session.execute(successors_of(*sign_ups))).scalars()
    successors = {one.takes_over: one for one in asked}
    keys = await rig.keys.get_many(
        KEY_KIND, [*ids, *(one.sign_up_id for one in successors.values())]
    )
    came = await _came(session, ids)

    def who(one: SignUp | None) -> Details | None:
        if one is None or one.sign_up_id not in keys or one.details_sealed is None:
            return None
        return details_in(sealed_for(keys[one.sign_up_id], one.sign_up_id), one)

    return [
        Colleague(one, who(one), came.get(one.sign_up_id, 0), who(successors.get(one.sign_up_id)))
        for one in sign_ups
    ]


async def _came(session: AsyncSession, ids: Sequence[str]) -> dict[str, int]:
    found = (
        select(Attendance.sign_up_id, func.count())
        .where(Attendance.sign_up_id.in_(ids), Attendance.presence.in_(CAME))
        .group_by(Attendance.sign_up_id)
    )
    return {sign_up_id: number for sign_up_id, number in (await session.execute(found)).all()}
