"""Places of an edition: kept for whom, and why who waits has none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.errors import NotFound
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from cri_training.actions.seats import in_ledger
from cri_training.models import Edition, Organisation, Reservation
from cri_training.rules.seats import Standing, standings
from cri_training.rules.states import HOLDING


@dataclass(frozen=True)
class Kept:
    """Places of one organisation; `taken` is how many of its people have a place or an offer."""

    reservation: Reservation
    taken: int

    @property
    def is_over(self) -> bool:
        """Whether what was left is everybody's."""
        return self.reservation.until <= clock.now()


@dataclass(frozen=True)
class Places:
    """What a page says about the places of an edition."""

    kept: Sequence[Kept]
    standings: Mapping[str, Standing]
    groups: Mapping[str, int]  # by group, a number for people to read

    @property
    def names(self) -> dict[str, str]:
        """By organisation, what it is called."""
        return {
            one.reservation.organisation_id: one.reservation.organisation.name for one in self.kept
        }


async def places_of(session: AsyncSession, edition_id: str) -> Places:
    """Whom the places of an edition are kept for, and where everybody who waits stands."""
    found = select(Edition).where(Edition.edition_id == edition_id)
    loaded = found.options(selectinload(Edition.reservations))
    edition = (await session.execute(loaded)).scalar_one_or_none()
    if edition is None:
        raise NotFound
    sign_ups = await in_ledger(session, edition_id)
    held = [sign_up.organisation_id for sign_up in sign_ups if sign_up.status in HOLDING]
    kept = [Kept(one, held.count(one.organisation_id)) for one in edition.reservations]
    known = [sign_up.place() for sign_up in sign_ups]
    groups = dict.fromkeys(place.group_id for place in known if place.group_id)
    numbers = {group: number for number, group in enumerate(groups, 1)}
    return Places(kept, standings(edition.room(), known, clock.now()), numbers)


async def organisations(session: AsyncSession) -> Sequence[Organisation]:
    """Every organisation that is known, by name."""
    found = select(Organisation).order_by(Organisation.name)
    return (await session.execute(found)).scalars().all()
