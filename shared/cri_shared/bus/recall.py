"""Recall: a database from a backup learns from its own stream what it gave out since.

Otherwise it would give the same numbers to other events, and could neither send again nor erase
what it does not know of.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg
from sqlalchemy import Row, Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from cri_shared import clock
from cri_shared.bus.envelope import copy_of, number_of
from cri_shared.bus.outbox import Outbox, once_more
from cri_shared.bus.own_stream import messages
from cri_shared.bus.removal import leave_sweep
from cri_shared.bus.topology import stream_of
from cri_shared.db.inserting import insert_into
from cri_shared.db.leadership import transaction
from cri_shared.events.headers import ERASED, NUMBER
from cri_shared.observe import log

PAGE = 200
_ALWAYS = {"ce-id", "ce-time", "ce-subject"}  # also in an event that is erased
_ID_CHARACTERS = 36


async def recall(connection: AsyncConnection, outbox: Outbox, js: JetStreamContext) -> int:
    """Write into the outbox what lies in the own stream behind all it knows; gives how many.

    Only the relay that leads may do it, before it gives a number. On a database that knows
    everything it is one question to the server.
    """
    last = select(func.max(outbox.tables.outbox.c.stream_sequence))
    known = (await connection.execute(last)).scalar() or 0
    recalled = 0
    page: list[RawStreamMsg] = []
    every = messages(js, stream_of(outbox.service), f"cri.{outbox.service}.>", after=known)
    async for message in every:
        page.append(message)
        if len(page) == PAGE:
            recalled += await _take(connection, outbox, page)
            page = []
    recalled += await _take(connection, outbox, page)
    if recalled:
        log.warning("bus.recalled", count=recalled)
    return recalled


async def _take(connection: AsyncConnection, outbox: Outbox, page: list[RawStreamMsg]) -> int:
    table = outbox.tables.outbox
    ours = [one for one in page if _is_ours(one)]
    if len(ours) < len(page):
        log.error("bus.recall.passed_over", count=len(page) - len(ours))
    found = {_headers(one)["ce-id"]: one for one in ours}  # its newest copy lies last
    if not found:
        return 0
    async with transaction(connection):
        rows = await connection.execute(select(table).where(table.c.event_id.in_(found)))
        known = {row.event_id: row for row in rows}
        for event_id, message in found.items():
            if event_id in known:
                await _compare(connection, outbox, known[event_id], message)
            else:
                await _add(connection, outbox, event_id, message)
            if ERASED in _headers(message):  # who sent it may have died before this was left
                subject = message.subject or ""
                await leave_sweep(connection, outbox.tables.jobs, subject, event_id)
        await _count(connection, outbox.tables.counters, found.values())
    return len(found)


def _is_ours(message: RawStreamMsg) -> bool:
    """Whether a relay can have sent it: anything else in the stream was never in an outbox."""
    headers = _headers(message)
    whole = headers.keys() >= _ALWAYS and number_of(headers) is not None
    return whole and len(headers["ce-id"]) <= _ID_CHARACTERS


async def _add(
    connection: AsyncConnection, outbox: Outbox, event_id: str, message: RawStreamMsg
) -> None:
    created = dt.datetime.fromisoformat(_headers(message)["ce-time"])
    values = {
        "event_id": event_id,
        "subject": message.subject,
        "created_at": created,
        **_content(outbox, event_id, message),
        **_sent(message),
    }
    row = insert_into(connection, outbox.tables.outbox).values(values)
    await connection.execute(row.on_conflict_do_nothing())


async def _compare(
    connection: AsyncConnection, outbox: Outbox, row: Row[Any], message: RawStreamMsg
) -> None:
    """Let a row know what was sent of it since. What is erased on either side stays so."""
    table, headers = outbox.tables.outbox, _headers(message)
    copy = copy_of(headers)
    if copy < row.copies or await _is_anothers(connection, table, row, number_of(headers)):
        return
    if row.erased_at is not None and ERASED not in headers:
        # Its tombstone is to leave, under an id that the stream does not take for a repeat.
        values = once_more(table) | {"copies": copy + 1}
    else:
        values = _sent(message)
        if ERASED in headers and row.erased_at is None:
            values |= _content(outbox, row.event_id, message)
    await connection.execute(update(table).where(table.c.id == row.id).values(values))


async def _is_anothers(
    connection: AsyncConnection, table: Table, row: Row[Any], number: int | None
) -> bool:
    """Whether another event got the number: by a database that did not recall in time."""
    same = (table.c.subject == row.subject) & (table.c.number == number)
    others = select(table.c.id).where(same, table.c.id != row.id)
    return (await connection.execute(others)).first() is not None


def _sent(message: RawStreamMsg) -> dict[str, Any]:
    headers = _headers(message)
    return {
        "number": number_of(headers),
        "copies": copy_of(headers),
        "published_at": message.time,
        "stream_sequence": message.seq,
    }


def _content(outbox: Outbox, event_id: str, message: RawStreamMsg) -> dict[str, Any]:
    headers = _headers(message)
    kept = {name: value for name, value in headers.items() if name not in (NUMBER, ERASED)}
    told = {"headers": kept | {"Nats-Msg-Id": event_id}}
    if ERASED in headers:
        return {**told, "about": event_id, "body": b"", "erased_at": clock.now()}
    body = outbox.seal(event_id, message.data or b"")
    return {**told, "about": headers["ce-subject"], "body": body}


def _headers(message: RawStreamMsg) -> dict[str, str]:
    return message.headers or {}


async def _count(
    connection: AsyncConnection, counters: Table, page: Iterable[RawStreamMsg]
) -> None:
    """Let the next number of each subject be one that nobody has."""
    highest: dict[str, int] = defaultdict(int)
    for message in page:
        subject = str(message.subject)
        highest[subject] = max(highest[subject], number_of(_headers(message)) or 0)
    for subject, number in highest.items():
        row = insert_into(connection, counters).values(subject=subject, last_number=number)
        higher = row.on_conflict_do_update(
            index_elements=[counters.c.subject],
            set_={"last_number": number},
            where=counters.c.last_number < number,
        )
        await connection.execute(higher)
