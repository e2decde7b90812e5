"""Contacts and programmes, as the console's list and pages show them."""

from cri_shared import clock
from cri_shared.errors import NotFound
from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_publishing.models import CountryChange, Listing

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


def shown_in(country: str) -> tuple[ColumnElement[bool], ...]:
    """What readers see of a country."""
    return (Listing.country == country, Listing.public.is_not(None))


def touches(change: CountryChange, listing: Listing) -> bool:
    """Whether a change is about what readers see of this."""
    return listing.shown is not None and change.touches(listing.shown.topics)


async def made_due(session: AsyncSession, change: CountryChange) -> list[Listing]:
    """What readers would be warned of after a change, by name."""
    rows = select(Listing).where(*shown_in(change.country)).order_by(Listing.name)
    return [
        one
        for one in (await session.execute(rows)).scalars()
        if touches(change, one) and one.would_expire(change.happened_on)
    ]


VIEWS = ("proposed", "public", "due", "retired")


async def counts(session: AsyncSession) -> dict[str, int]:
    """How many there are in each view."""
    sums = [func.count().filter(condition) for condition in _views().values()]
    found = (await session.execute(select(*sums).select_from(Listing))).one()
    return dict(zip(VIEWS, found, strict=True))


def rows_of(view: str, country: str) -> Select[Listing]:
    """All of one view, of one country or of all, what is to be checked first at its top."""
    rows = select(Listing).where(_views()[view])
    if country:
        rows = rows.where(Listing.country == country)
    order = Listing.retired_on.desc() if view == "retired" else Listing.check_by
    return rows.order_by(order, Listing.country, Listing.name, Listing.listing_id)


async def of_view(session: AsyncSession, view: str, country: str) -> list[Listing]:
    """The first of one view, as `rows_of` orders them."""
    return list((await session.execute(rows_of(view, country).limit(MOST))).scalars())


async def listing_of(session: AsyncSession, listing_id: str) -> Listing:
    """One contact or programme; raises `NotFound`."""
    listing = await session.get(Listing, listing_id)
    if listing is None:
        raise NotFound
    return listing
