"""The outbox: events are rows of the transaction that caused them, and sealed while they wait."""

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Table, case, func, insert, literal, or_

from cri_shared import clock
from cri_shared.bus.envelope import MAX_BODY, headers_for
from cri_shared.db.puts import Put
from cri_shared.db.tables import Messaging
from cri_shared.events import Event
from cri_shared.privacy.vault import open_sealed, seal

if TYPE_CHECKING:  # a transaction stands on the outbox
    from cri_shared.db.database import Work


class EventTooLarge(Exception):
    """An event's body would not fit into the stream; its action must refuse the input earlier."""


def once_more(outbox: Table) -> dict[str, Any]:
    """What an update sets in rows that are to leave once more, as another copy.

    One that waits already has waited since before.
    """
    settled = or_(outbox.c.published_at.is_not(None), outbox.c.refused.is_not(None))
    now = literal(clock.now(), outbox.c.again_at.type)
    return {
        "copies": outbox.c.copies + 1,
        "published_at": None,
        "refused": None,
        "again_at": case((settled, now), else_=outbox.c.again_at),
    }


def waits_since(outbox: Table) -> ColumnElement[dt.datetime]:
    """Since when a row waits that is to leave."""
    return func.coalesce(outbox.c.again_at, outbox.c.created_at)


class Outbox:
    """Appends events of one service; the relay of that service publishes them."""

    def __init__(self, tables: Messaging, *, service: str, key: bytes) -> None:
        self.tables = tables
        self._into = Put(insert(tables.outbox))
        self.service = service
        self._key = key
        self._wakers: list[Callable[[], None]] = []
        self.relayed_here = False  # whether the relay that leads is in this process

    async def append(self, work: "Work", event: Event, *, version: int | None) -> str:
        """Add an event of this service to the transaction; gives the event's id."""
        if event.producer != self.service:
            raise ValueError(f"{self.service} does not publish {event.subject}")
        body = event.model_dump_json().encode()
        if len(body) > MAX_BODY:
            raise EventTooLarge(event.subject)
        headers = headers_for(event, version=version)
        event_id = headers["ce-id"]
        row = {
            "event_id": event_id,
            "subject": event.subject,
            "about": event.aggregate_id,
            "headers": headers,
            "body": self.seal(event_id, body),
            "created_at": clock.now(),
        }
        await work.put(self._into, row)
        return event_id

    def seal(self, event_id: str, body: bytes) -> bytes:
        """A JSON body as it is stored."""
        return seal(self._key, body, event_id.encode())

    def unseal(self, event_id: str, body: bytes) -> bytes:
        """The JSON body of a stored row."""
        return open_sealed(self._key, body, event_id.encode())

    def on_append(self, wake: Callable[[], None]) -> None:
        """Call `wake` after each committed transaction that appended events."""
        self._wakers.append(wake)

    def wake(self) -> None:
        """Tell the relay of this process that there is work."""
        for wake in self._wakers:
            wake()
