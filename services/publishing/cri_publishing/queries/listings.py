"""Contacts and programmes, as the console's list and pages show them."""

from cri_shared import clock
from cri_shared.errors import NotFound
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_publishing.models import Listing

MOST = 200
_LIVES = Listing.retired_on.is_(None)


def _views() -> dict[str, ColumnElement[bool]]:
    today = clock.today()
    return {
        "proposed": _LIVES & Listing.proposal.is_not(None),
        "public": _LIVES & (Listing.check_by >= today),
        "due": _LIVES & (Listing.check_by < today),
        "retired": Listing.retired_on.is_not(None) & (Listing.version > 0),
    }


VIEWS = ("proposed", "public", "due", "retired")


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many there are in each view."""
    sums = [func.count().filter(condition) for condition in _views().values()]
    found = (await session.execute(select(*sums).select_from(Listing))).one()
    return dict(zip(VIEWS, found, strict=True))


async def of_view(session: AsyncSession, view: str, country: str) -> list[Listing]:
    """One view, of one country or of all, what is to be checked first at its top."""
    rows = select(Listing).where(_views()[view])
    if country:
        rows = rows.where(Listing.country == country)
    order = Listing.retired_on.desc() if view == "retired" else Listing.check_by
    ordered = rows.order_by(order, Listing.country, Listing.name, Listing.listing_id)
    return list((await session.execute(ordered.limit(MOST))).scalars())


async def listing_of(session: AsyncSession, listing_id: str) -> Listing:
    """One contact or programme; raises `NotFound`."""
    listing = await session.get(Listing, listing_id)
    if listing is None:
        raise NotFound
    return listing
