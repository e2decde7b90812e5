"""Contacts and programmes as readers see them, and as programs take them along."""

import datetime as dt
from dataclasses import dataclass, field

from cri_shared import clock
from cri_shared.events.publishing import ContactFacts, ListingText, ProgrammeFacts
from cri_shared.index.documents import best_language
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_search.models import Listing
from cri_search.rules.standing import is_due

Facts = ContactFacts | ProgrammeFacts
_SHAPES: dict[str, type[Facts]] = {"contact": ContactFacts, "programme": ProgrammeFacts}


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
    found = [_listed(row, reader, today) for row in (await session.execute(rows)).scalars()]
    return sorted(
        (one for one in found if one.facts.ends_on is None or one.facts.ends_on >= today),
        key=lambda one: (one.facts.country, one.facts.topics[0], one.facts.name, one.listing_id),
    )


def _listed(row: Listing, reader: str, today: dt.date) -> Listed:
    facts = _SHAPES[row.what].model_validate(row.facts)
    texts = {text.language: text for text in facts.texts}
    text = texts[best_language(reader, list(texts))]
    due = is_due(facts.check_by, today)
    return Listed(row.listing_id, row.what, row.version, facts, text, due)


async def versions(session: AsyncSession, country: str) -> list[tuple[str, int]]:
    """(id, version) of what is listed for a country: other ones as soon as anything changes."""
    rows = select(Listing.listing_id, Listing.version).where(Listing.country == country)
    found = await session.execute(rows.order_by(Listing.listing_id))
    return [(listing_id, version) for listing_id, version in found.all()]


async def retired(session: AsyncSession) -> list[Retired]:
    """What readers must not see any more, the latest first."""
    rows = select(Listing.listing_id, Listing.what, Listing.retired_on).where(
        Listing.retired_on.is_not(None)
    )
    ordered = rows.order_by(Listing.retired_on.desc(), Listing.listing_id)
    found = (await session.execute(ordered)).all()
    return [Retired(listing_id, what, on) for listing_id, what, on in found if on]
