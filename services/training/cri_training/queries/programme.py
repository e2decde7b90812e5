"""The programme narrowed down: by language, way to take part, month, workshop, and free places."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.clock import belgian
from cri_shared.errors import NotFound
from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from cri_training.models import Edition, Workshop
from cri_training.rules.states import GOING_AHEAD

WAYS = ("venue", "online")


@dataclass(frozen=True)
class Narrowed:
    """What somebody looks for; empty: everything. `month` is written 2026-12."""

    language: str = ""
    way: str = ""
    month: str = ""
    workshop: str = ""
    free: bool = False

    def __bool__(self) -> bool:
        return any((self.language, self.way, self.month, self.workshop, self.free))

    def takes(self, edition: Edition) -> bool:
        """Whether an edition is among what they look for; hybrid ones are online and in a room."""
        return (
            self.language in ("", edition.language)
            and (not self.way or edition.format in (self.way, "hybrid"))
            and (not self.month or self.month in months_of(edition))
            and self.workshop in ("", edition.workshop_id)
            and (not self.free or (edition.takes_sign_ups and edition.places != "waiting_list"))
        )


@dataclass(frozen=True)
class Choices:
    """What the editions to come can be narrowed to."""

    languages: Sequence[str]
    ways: Sequence[str]
    months: Sequence[dt.date]
    workshops: Sequence[str]

    def known(self, wanted: Narrowed) -> Narrowed:
        """Without what no edition has: an old address shows the programme and not nothing."""
        return Narrowed(
            language=wanted.language if wanted.language in self.languages else "",
            way=wanted.way if wanted.way in self.ways else "",
            month=wanted.month if wanted.month in {f"{m:%Y-%m}" for m in self.months} else "",
            workshop=wanted.workshop if wanted.workshop in self.workshops else "",
            free=wanted.free,
        )


def choices(editions: Iterable[Edition]) -> Choices:
    """What these editions have, each once and in order."""
    every = list(editions)
    formats = {edition.format for edition in every}
    months = {month for edition in every for month in months_of(edition)}
    return Choices(
        languages=sorted({edition.language for edition in every}),
        ways=[way for way in WAYS if formats & {way, "hybrid"}],
        months=[dt.date.fromisoformat(f"{month}-01") for month in sorted(months)],
        workshops=list(dict.fromkeys(edition.workshop_id for edition in every)),
    )


def months_of(edition: Edition) -> list[str]:
    """The months in which its sessions lie, by a calendar in Belgium."""
    return [f"{belgian(sitting.starts_at):%Y-%m}" for sitting in edition.sittings]


async def coming(session: AsyncSession) -> Sequence[Edition]:
    """The editions that will be held, soonest first."""
    found = (
        select(Edition)
        .where(Edition.status.in_(GOING_AHEAD), Edition.ends_at > clock.now())
        .options(selectinload(Edition.sittings))
        .order_by(Edition.starts_at, Edition.edition_id)
    )
    return (await session.execute(found)).scalars().all()


async def workshops_of(session: AsyncSession, ids: Iterable[str]) -> Mapping[str, Workshop]:
    """These workshops by id."""
    found = select(Workshop).where(Workshop.workshop_id.in_(set(ids)))
    return {one.workshop_id: one for one in (await session.execute(found)).scalars()}


async def public_workshop(session: AsyncSession, workshop_id: str) -> Workshop:
    """A workshop of which people may know: one that was public before. Raises `NotFound`."""
    found = _shown().where(Workshop.workshop_id == workshop_id)
    one = (await session.execute(found)).scalar_one_or_none()
    if one is None:
        raise NotFound
    return one


async def series_of(session: AsyncSession, workshop: Workshop) -> Sequence[Workshop]:
    """The workshop itself, between what is attended before it and what people go on with.

    None of which people may not know is among them.
    """
    before = Workshop.workshop_id == workshop.requires
    after = Workshop.requires == workshop.workshop_id
    found = _shown().where(before | after).order_by(Workshop.title, Workshop.workshop_id)
    near = (await session.execute(found)).scalars().all()
    first = [one for one in near if one.workshop_id == workshop.requires]
    return [*first, workshop, *(one for one in near if one not in first)]


def _shown() -> Select[Workshop]:
    """Those that have, or had, an edition which was public."""
    theirs = Edition.workshop_id == Workshop.workshop_id
    return select(Workshop).where(exists().where(theirs, Edition.published_at.is_not(None)))
