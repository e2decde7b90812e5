"""The events that search hears; each changes its own copy of what is public."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from cri_shared.bus.consumer import Consumer
from cri_shared.db import Work
from cri_shared.events import Event
from cri_shared.events.publishing import (
    ContactChanged,
    EntryArchived,
    EntryPublished,
    EntryRevised,
    EntryWithdrawn,
    ProgrammeChanged,
)
from cri_shared.events.research import CountryChanged
from cri_shared.events.training import EditionCancelled, EditionChanged, EditionPublished

from cri_search import actions

E = TypeVar("E", bound=Event)


def subscribe(consumer: Consumer, changed: Callable[[Event], None]) -> None:
    """Register the handlers of all events that search hears; `changed` is called after each."""

    def on(event: type[E], handler: Callable[[E, Work], Awaitable[None]]) -> None:
        async def heard(told: E, work: Work) -> None:
            work.after_commit(lambda: changed(told))
            await handler(told, work)

        consumer.on(event)(heard)

    on(EntryPublished, on_entry_told)
    on(EntryRevised, on_entry_told)
    on(EntryArchived, on_entry_archived)
    on(EntryWithdrawn, on_entry_withdrawn)
    on(ContactChanged, on_contact_changed)
    on(ProgrammeChanged, on_programme_changed)
    on(CountryChanged, on_country_changed)
    on(EditionPublished, on_edition_told)
    on(EditionChanged, on_edition_told)
    on(EditionCancelled, on_edition_cancelled)


async def on_entry_told(event: EntryPublished | EntryRevised, work: Work) -> None:
    """An entry is public, in this version."""
    await actions.keep_entry(work, event.entry)


async def on_entry_archived(event: EntryArchived, work: Work) -> None:
    """An entry is too old to be found by default."""
    await actions.archive_entry(work, event.entry_id, event.version)


async def on_entry_withdrawn(event: EntryWithdrawn, work: Work) -> None:
    """An entry was taken back."""
    await actions.withdraw_entry(work, event.entry_id, event.version)


async def on_contact_changed(event: ContactChanged, work: Work) -> None:
    """A contact is public, with these facts, or is so no more."""
    about = event.contact_id, event.version
    await actions.keep_listing(work, "contact", *about, event.contact)


async def on_programme_changed(event: ProgrammeChanged, work: Work) -> None:
    """A programme is public, with these facts, or is so no more."""
    about = event.programme_id, event.version
    await actions.keep_listing(work, "programme", *about, event.programme)


async def on_country_changed(event: CountryChanged, work: Work) -> None:
    """A country has a partner, or has none any more."""
    await actions.keep_country(work, event.country, event.partner_state)


async def on_edition_told(event: EditionPublished | EditionChanged, work: Work) -> None:
    """A workshop can be signed up for, with these facts."""
    await actions.keep_edition(work, event.edition)


async def on_edition_cancelled(event: EditionCancelled, work: Work) -> None:
    """A workshop will not be held."""
    await actions.cancel_edition(work, event.edition_id, event.version)
