"""Changes in countries: what they touch, and how far their entries have come since."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cri_shared.progress import Progress
from sqlalchemy import Select, and_, case, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_publishing.facts import draft_of
from cri_publishing.models import CountryChange, Entry, RefreshState, Version
from cri_publishing.models.entry import PUBLIC
from cri_publishing.queries.listings import made_due
from cri_publishing.queries.sieve import touched
from cri_publishing.rules.pace import TEND_SECONDS, TENDED_AT_ONCE

SHOWN = 20
LISTED = 100


@dataclass(frozen=True)
class Touched:
    """What a change would make due: how many entries and drafts, the first entries, and contacts.

    `first` holds (entry id, question, its language, information date), `listings` (id, name).
    """

    entries: int
    drafts: int
    first: list[tuple[str, str, str, dt.date | None]]
    listings: list[tuple[str, str]]


async def what_it_touches(
    session: AsyncSession, country: str, topics: Sequence[str], happened_on: dt.date
) -> Touched:
    """Which entries fall due when this is said, the oldest information first."""
    those = touched(country, topics, happened_on)
    public = Entry.status.in_(PUBLIC)
    counted = select(func.count(), func.count(case((public, 1)))).select_from(Entry).where(*those)
    both, entries = (await session.execute(counted)).one()
    current = and_(Version.entry_id == Entry.entry_id, Version.number == Entry.version)
    rows = select(Entry, Version).join(Version, current).where(*those, public)
    ordered = rows.order_by(Entry.information_date, Entry.entry_id).limit(SHOWN)
    first = [
        (entry.entry_id, draft.original.question, draft.original.language, entry.information_date)
        for entry, version in (await session.execute(ordered)).all()
        for draft in [draft_of(version)]
    ]
    change = CountryChange(country=country, topics=list(topics), happened_on=happened_on)
    due = [(one.listing_id, one.name) for one in await made_due(session, change)]
    return Touched(entries, both - entries, first, due)


@dataclass(frozen=True)
class Told:
    """A change, and what has become of the entries that it made due."""

    change: CountryChange
    waiting: int  # to be told and asked in their turn
    asked: int
    answered: int  # a new answer is here, and not public yet
    failed: int

    @property
    def progress(self) -> Progress:
        """How many of its entries are told and asked about, of all that it made due."""
        done = self.change.entries - self.waiting
        return Progress(self.change.entries, done, TENDED_AT_ONCE, TEND_SECONDS, self.failed)

    @property
    def renewed(self) -> int:
        """How many are fresh again, or were taken out of sight."""
        return self.change.entries - self.waiting - self.asked - self.answered - self.failed


def rows() -> Select[CountryChange]:
    """Every change, the newest first."""
    return select(CountryChange).order_by(CountryChange.declared_at.desc(), CountryChange.change_id)


async def changes(session: AsyncSession) -> list[Told]:
    """The newest changes, each with how far its entries have come."""
    found = list((await session.execute(rows().limit(LISTED))).scalars())
    if not found:  # or all public entries would be looked through for none
        return []
    counted = (
        select(Entry.expired_by, Entry.refresh_state, func.count())
        .where(Entry.expired_by.in_([one.change_id for one in found]), Entry.status.in_(PUBLIC))
        .group_by(Entry.expired_by, Entry.refresh_state)
    )
    counts = {(by, state): n for by, state, n in (await session.execute(counted)).all()}

    def how_many(change: CountryChange, state: RefreshState) -> int:
        return counts.get((change.change_id, state), 0)

    return [
        Told(
            change=one,
            waiting=how_many(one, RefreshState.NONE),
            asked=how_many(one, RefreshState.ASKED),
            answered=how_many(one, RefreshState.ANSWERED),
            failed=how_many(one, RefreshState.FAILED),
        )
        for one in found
    ]
