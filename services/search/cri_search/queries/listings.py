"""Contacts and programmes as readers see them, and as programs take them along."""

import datetime as dt
from dataclasses import dataclass, field

from cri_shared import clock
from cri_shared.events.publishing import ListingText, ProgrammeFacts
from cri_shared.index.documents import best_language
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_search.models import Facts, Listing
from cri_search.rules.standing import is_due


@dataclass(frozen=True)
class Listed:
    """A contact or programme; `text` is the language version that the reader gets."""

    listing_id: str
    what: str
    version: int
    facts: Facts
    text: ListingText
    due: bool

    @property
    def run_by(self) -> str | None:
        """Who gives the help, where it is a programme."""
        return self.facts.run_by if isinstance(self.facts, ProgrammeFacts) else None

    @property
    def changed_on(self) -> dt.date:
        """The day on which it became what readers see: whatever changes is checked."""
        return self.facts.checked_on

    def is_over(self, today: dt.date) -> bool:
        """Whether it is a programme whose last day has passed."""
        return self.facts.ends_on is not None and self.facts.ends_on < today

    @property
    def dial(self) -> str:
        """The telephone number as a link has it."""
        return "".join(sign for sign in self.facts.phone or "" if sign in "+0123456789")


@dataclass(frozen=True)
class OfCountry:
    """What is listed for a country; nothing at all is false."""

    contacts: list[Listed] = field(default_factory=list)
    programmes: list[Listed] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.contacts or self.programmes)


@dataclass(frozen=True)
class Retired:
    """What is left of a contact or programme that readers must not see any more."""

    listing_id: str
    what: str
    retired_on: dt.date


async def of_country(session: AsyncSession, reader: str, country: str) -> OfCountry:
    """The contacts and programmes of a country, by topic and name."""
    found = await everything(session, reader, country)
    return OfCountry(
        [one for one in found if one.what == "contact"],
        [one for one in found if one.what == "programme"],
    )


async def listed(session: AsyncSession, reader: str, listing_id: str) -> Listed | None:
    """One contact or programme, where readers see it."""
    row = await session.get(Listing, listing_id)
    if row is None or row.shown is None:
        return None
    found = as_listed(row, reader, clock.today())
    return None if found.is_over(clock.today()) else found


async def are_there(session: AsyncSession, country: str) -> bool:
    """Whether anything is listed for a country."""
    rows = select(Listing.listing_id).where(Listing.country == country).limit(1)
    return (await session.execute(rows)).first() is not None


async def everything(session: AsyncSession, reader: str, country: str = "") -> list[Listed]:
    """All that is listed, of one country or of all; no programme that has ended."""
    rows = select(Listing).where(Listing.facts.is_not(None))
    if country:
        rows = rows.where(Listing.country == country)
    today = clock.today()
    found = [as_listed(row, reader, today) for row in (await session.execute(rows)).scalars()]
    return sorted(
        (one for one in found if not one.is_over(today)),
        key=lambda one: (one.facts.country, one.facts.topics[0], one.facts.name, one.listing_id),
    )


def as_listed(row: Listing, reader: str, today: dt.date) -> Listed:
    """A row that is public, as a reader gets it."""
    facts = row.shown
    assert facts
    texts = {text.language: text for text in facts.texts}
    text = texts[best_language(reader, list(texts))]
    due = is_due(facts.check_by, today)
    return Listed(row.listing_id, row.what, row.version, facts, text, due)


async def versions(session: AsyncSession, country: str) -> list[tuple[str, int]]:
    """(id, version) of what is listed for a country: other ones as soon as anything changes."""
    rows = select(Listing.listing_id, Listing.version).where(Listing.country == country)
    found = await session.execute(rows.order_by(Listing.listing_id))
    return [(listing_id, version) for listing_id, version in found.all()]


async def retired(session: AsyncSession, since: dt.date = dt.date.min) -> list[Retired]:
    """What readers must not see any more, the latest first; `since` is the first day."""
    rows = select(Listing.listing_id, Listing.what, Listing.retired_on).where(
        Listing.retired_on >= since
    )
    ordered = rows.order_by(Listing.retired_on.desc(), Listing.listing_id)
    found = (await session.execute(ordered)).all()
    return [Retired(listing_id, what, on) for listing_id, what, on in found if on]
