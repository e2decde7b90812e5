"""A country changes: what was known before falls due at once, and is asked again."""

import datetime as dt
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.events.publishing import EntryRevised
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from sqlalchemy import case, func, select, update

from cri_publishing import indexing
from cri_publishing.actions import listings
from cri_publishing.facts import facts_of
from cri_publishing.models import ChangeKind, CountryChange, Entry, RefreshState
from cri_publishing.models.entry import PUBLIC
from cri_publishing.queries.pages import published_versions
from cri_publishing.queries.sieve import touched
from cri_publishing.rig import Rig


@dataclass(frozen=True)
class Changed:
    """What an editor says of a change; without topics it touches them all."""

    change_id: str
    country: str
    topics: tuple[str, ...]
    kind: ChangeKind
    note: str
    happened_on: dt.date


async def declare(work: Work, changed: Changed, by: Staff) -> CountryChange:
    """Let what was known before fall due; the same change a second time does nothing.

    The entries are tended to in their turn, some at once, so that one big change holds up nobody.
    """
    known = await work.session.get(CountryChange, changed.change_id, with_for_update=True)
    if known is not None:
        return known
    those = touched(changed.country, changed.topics, changed.happened_on)
    counted = select(func.count()).where(*those, Entry.status.in_(PUBLIC))
    entries = (await work.session.execute(counted)).scalar_one()
    asked = RefreshState.ASKED.value
    fresh_asking = case((Entry.refresh_state == asked, asked), else_=RefreshState.NONE.value)
    await work.session.execute(
        update(Entry)
        .where(*those, Entry.expired_on.is_(None) | (Entry.expired_on <= changed.happened_on))
        .values(
            expired_on=changed.happened_on,
            expired_by=changed.change_id,
            refresh_state=fresh_asking,
            wake_on=case((Entry.status.in_(PUBLIC), clock.today()), else_=Entry.wake_on),
        )
    )
    change = CountryChange(
        change_id=changed.change_id,
        country=changed.country,
        topics=list(changed.topics),
        kind=changed.kind,
        note=changed.note,
        happened_on=changed.happened_on,
        entries=entries,
        listings=0,
        declared_by=by.name,
        declared_at=clock.now(),
    )
    work.session.add(change)
    change.listings = await listings.expire(work, change)
    facts = {"country": changed.country, "kind": changed.kind, "entries": entries}
    facts["listings"] = change.listings
    await audit.note(work, "publishing.country.changed", changed.change_id, by=by, **facts)
    return change


async def overtake(work: Work, entry: Entry, information_date: dt.date) -> None:
    """A new draft whose information is no newer than a change in its country says so."""
    rows = select(CountryChange).where(
        CountryChange.country == entry.country, CountryChange.happened_on >= information_date
    )
    newest_first = rows.order_by(CountryChange.happened_on.desc())
    for change in (await work.session.execute(newest_first)).scalars():
        if change.touches(entry.topics):
            entry.expire(change.happened_on, change.change_id)
            return


async def expire(work: Work, rig: Rig, entry: Entry, good_until: dt.date) -> None:
    """Readers are warned from now on, everywhere: its country has changed since."""
    entry.review_by = good_until
    entry.fall_due()
    versions = await published_versions(work.session, entry.entry_id)
    facts = facts_of(entry, versions)
    await work.emit(EntryRevised(entry_id=entry.entry_id, entry=facts), version=entry.step())
    await indexing.leave(work, rig, entry.entry_id)
    await audit.note(work, "publishing.entry.expired", entry.entry_id)
