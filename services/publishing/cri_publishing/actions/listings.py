"""Contacts and programmes: written, shown by a second person, checked again, and retired."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.events.publishing import (
    ContactChanged,
    ContactFacts,
    ProgrammeChanged,
    ProgrammeFacts,
)
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from sqlalchemy import select

from cri_publishing.actions import links
from cri_publishing.models import CountryChange, Facts, Listing, RetirementReason
from cri_publishing.queries.listings import shown_in, touches
from cri_publishing.rules.listing import What

_AT_ONCE = 50


async def propose(
    work: Work,
    listing_id: str,
    what: What,
    facts: Facts,
    *,
    consent: str,
    edition: int,
    by: Staff,
) -> None:
    """Keep what an editor wrote; raises `DraftChanged`, or `WrongStep` where it is retired."""
    listing = await work.session.get(Listing, listing_id, with_for_update=True)
    if listing is None:
        listing = Listing(listing_id=listing_id, what=what, edition=0, version=0, authors=[])
        work.session.add(listing)
    listing.propose(facts, consent=consent, edition=edition, by=by)
    await audit.note(work, "publishing.listing.proposed", listing_id, by=by, what=listing.what)


async def approve(work: Work, listing_id: str, edition: int, by: Staff) -> None:
    """Stand for what another editor wrote; raises `AuthorMayNotApprove` or `WrongStep`."""
    listing = await _listing(work, listing_id)
    listing.approve(by, edition)
    await _overtake(work, listing)
    await _tell(work, listing)
    await audit.note(work, "publishing.listing.shown", listing_id, by=by, version=listing.version)


async def confirm(work: Work, listing_id: str, on: dt.date, how: str, by: Staff) -> None:
    """Somebody called, went or looked: all is as it was; raises `WrongStep`."""
    listing = await _listing(work, listing_id)
    if listing.confirm(on, how):
        await _overtake(work, listing)
        await _tell(work, listing)
        await audit.note(work, "publishing.listing.checked", listing_id, by=by, how=how)


async def expire(work: Work, change: CountryChange) -> int:
    """A country changed: readers are warned of what was checked before. How many that are."""
    rows = select(Listing).where(*shown_in(change.country)).with_for_update()
    touched = 0
    for listing in (await work.session.execute(rows)).scalars():
        if touches(change, listing) and listing.expire(change.happened_on):
            await _tell(work, listing)
            await audit.note(work, "publishing.listing.expired", listing.listing_id)
            touched += 1
    return touched


async def _overtake(work: Work, listing: Listing) -> None:
    """A check that is no newer than a change in its country does not make it fresh."""
    facts = listing.shown
    assert facts
    rows = select(CountryChange).where(
        CountryChange.country == facts.country, CountryChange.happened_on >= facts.checked_on
    )
    for change in (await work.session.execute(rows)).scalars():
        if touches(change, listing):
            listing.expire(change.happened_on)


async def drop(work: Work, listing_id: str, by: Staff) -> None:
    """Forget what is proposed; raises `WrongStep`."""
    (await _listing(work, listing_id)).drop()
    await audit.note(work, "publishing.listing.dropped", listing_id, by=by)


async def retire(
    work: Work, listing_id: str, because: RetirementReason, by: Staff | None = None
) -> None:
    """Take a listing away from readers, at once and for good; raises `WrongStep`."""
    listing = await _listing(work, listing_id)
    if listing.retire(because):
        await _tell(work, listing)
    await audit.note(work, "publishing.listing.retired", listing_id, by=by, reason=because)


async def tend(work: Work) -> None:
    """Retire what nobody checked for twice its period, and programmes that are over."""
    late = select(Listing.listing_id).where(Listing.leaves_on <= clock.today()).limit(_AT_ONCE)
    for listing_id in (await work.session.execute(late)).scalars().all():
        await retire(work, listing_id, RetirementReason.OLD)


async def _listing(work: Work, listing_id: str) -> Listing:
    listing = await work.session.get(Listing, listing_id, with_for_update=True)
    if listing is None:
        raise NotFound
    return listing


async def _tell(work: Work, listing: Listing) -> None:
    facts, version = listing.shown, listing.version
    await links.follow(
        work, [facts.url] if facts and facts.url else [], listing_id=listing.listing_id
    )
    if listing.what == What.CONTACT:
        assert facts is None or isinstance(facts, ContactFacts)
        contact = ContactChanged(contact_id=listing.listing_id, version=version, contact=facts)
        await work.emit(contact, version=version)
    else:
        assert facts is None or isinstance(facts, ProgrammeFacts)
        programme = ProgrammeChanged(
            programme_id=listing.listing_id, version=version, programme=facts
        )
        await work.emit(programme, version=version)
