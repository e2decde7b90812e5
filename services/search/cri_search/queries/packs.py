"""What stands in a country pack: everything that is found about a country, as its pages show it."""

from dataclasses import dataclass

from cri_shared import clock
from cri_shared.places import GROUPS
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_search.models import Entry
from cri_search.queries import listings, places, shelves
from cri_search.queries.entries import Whole, wholes
from cri_search.rules.standing import State

MOST = 500  # answers; the most recently checked go first


@dataclass(frozen=True)
class Told:
    """A country as a pack tells it; `shelves` has groups of topics with their answers."""

    country: str
    standing: places.Standing
    partner: str | None
    shelves: list[tuple[str, list[Whole]]]
    listed: listings.OfCountry

    @property
    def wholes(self) -> list[Whole]:
        """Every answer once, in the order of the pack."""
        return [whole for _, within in self.shelves for whole in within]

    @property
    def left_out(self) -> int:
        """How many answers there was no room for."""
        return max(0, self.standing.answers - len(self.wholes))


async def fingerprint(session: AsyncSession, country: str) -> bytes:
    """Another one as soon as a pack of the country would tell anything else, or the day does."""
    changes = await shelves.changes(session, country)
    partner = await places.partner_state(session, country)
    versions = await listings.versions(session, country)
    known = country, changes, versions, partner, clock.today()
    return repr(known).encode()


async def told(session: AsyncSession, country: str, reader: str) -> Told:
    """The published answers about a country, due ones marked; none archived or withdrawn."""
    rows = select(Entry).where(
        Entry.country == country, Entry.state == State.PUBLISHED, Entry.version > 0
    )
    newest = rows.order_by(Entry.information_date.desc(), Entry.entry_id).limit(MOST)
    found = await wholes(session, list((await session.execute(newest)).scalars()), reader)
    shelves = [
        (group, [w for w in found if w.entry.topics[0].split(".")[0] == group]) for group in GROUPS
    ]
    return Told(
        country=country,
        standing=await places.standing(session, country),
        partner=await places.partner_state(session, country),
        shelves=[(group, within) for group, within in shelves if within],
        listed=await listings.of_country(session, reader, country),
    )
