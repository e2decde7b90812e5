"""The events that search hears; each changes its own copy of what is public."""

from cri_shared.bus.consumer import Consumer
from cri_shared.db import Work
from cri_shared.events.publishing import (
    EntryArchived,
    EntryPublished,
    EntryRevised,
    EntryWithdrawn,
)
from cri_shared.events.research import CountryChanged
from cri_shared.events.training import EditionCancelled, EditionChanged, EditionPublished

from cri_search import actions


def subscribe(consumer: Consumer) -> None:
    """Register the handlers of all events that search hears."""
    consumer.on(EntryPublished)(on_entry_told)
    consumer.on(EntryRevised)(on_entry_told)
    consumer.on(EntryArchived)(on_entry_archived)
    consumer.on(EntryWithdrawn)(on_entry_withdrawn)
    consumer.on(CountryChanged)(on_country_changed)
    consumer.on(EditionPublished)(on_edition_told)
    consumer.on(EditionChanged)(on_edition_told)
    consumer.on(EditionCancelled)(on_edition_cancelled)


async def on_entry_told(event: EntryPublished | EntryRevised, work: Work) -> None:
    """An entry is public, in this version."""
    await actions.keep_entry(work, event.entry)


async def on_entry_archived(event: EntryArchived, work: Work) -> None:
    """An entry is too old to be found by default."""
    await actions.archive_entry(work, event.entry_id, event.version)


async def on_entry_withdrawn(event: EntryWithdrawn, work: Work) -> None:
    """An entry was taken back."""
    await actions.withdraw_entry(work, event.entry_id, event.version)


async def on_country_changed(event: CountryChanged, work: Work) -> None:
    """A country has a partner, or has none any more."""
    await actions.keep_country(work, event.country, event.partner_state)


async def on_edition_told(event: EditionPublished | EditionChanged, work: Work) -> None:
    """A workshop can be signed up for, with these facts."""
    await actions.keep_edition(work, event.edition)


async def on_edition_cancelled(event: EditionCancelled, work: Work) -> None:
    """A workshop will not be held."""
    await actions.cancel_edition(work, event.edition_id, event.version)
