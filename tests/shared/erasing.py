"""Steps of tests about erasing: publish, erase, and look at what lies in outbox and stream."""

from typing import Any

import nats
import pytest
from cri_shared.bus.erasure import Erased, erase
from cri_shared.db.leadership import leadership
from cri_shared.testing.waiting import eventually
from nats.js.api import RawStreamMsg
from sqlalchemy import Table, select

from tests.shared.toy import Toy, cleared, messaging

SUBJECT = "cri.intake.question.cleared.v1"


async def rows(toy: Toy, table: Table = messaging.outbox) -> list[Any]:
    async with toy.database.reading() as session:
        return list((await session.execute(select(table).order_by(table.c.id))).all())


async def published(toy: Toy, *names: str) -> dict[str, tuple[int, str]]:
    """Publish cleared questions; gives (sequence, event id) of each."""
    await toy.append(*(cleared(name) for name in names))
    await eventually(toy.all_left, what="published")
    return {row.about: (row.stream_sequence, row.event_id) for row in await rows(toy)}


async def jobs(toy: Toy) -> int:
    async with toy.database.reading() as session:
        return len((await session.execute(select(messaging.jobs))).all())


async def erased(toy: Toy, about: str) -> Erased:
    async with toy.database.writing() as work:
        return await erase(work, about)


async def messages_in(nats_url: str) -> list[RawStreamMsg]:
    """What lies in intake's stream."""
    client = await nats.connect(nats_url)
    js = client.jetstream()
    last = (await js.stream_info("INTAKE")).state.last_seq
    found = []
    for sequence in range(1, last + 1):
        try:
            found.append(await js.get_msg("INTAKE", sequence))
        except nats.js.errors.NotFoundError:
            continue
    await client.close()
    return found


async def events_in(nats_url: str) -> set[str]:
    """The ids of the events that lie in intake's stream."""
    return {str((message.headers or {})["ce-id"]) for message in await messages_in(nats_url)}


async def heard_numbers(toy: Toy) -> list[int | None]:
    inbox = messaging.inbox.c
    async with toy.database.reading() as session:
        return list((await session.execute(select(inbox.number).order_by(inbox.number))).scalars())


async def settled(toy: Toy, nats_url: str, about: str) -> list[RawStreamMsg]:
    """What lies in the stream once tombstones have left and jobs are done; nothing of `about`."""
    await eventually(toy.all_left, what="tombstones have left")
    await toy.clockwork.do_jobs()
    messages = await messages_in(nats_url)
    assert all(about not in str(message.headers) for message in messages)
    assert all(about.encode() not in (message.data or b"") for message in messages)
    return messages


async def publish_and_die(toy: Toy, nats_url: str) -> None:
    """Publish what waits without a word of it in the database."""
    client = await nats.connect(nats_url)
    toy.bus.relay._client = lambda: client

    async def dies(*_: Any) -> None:
        raise ConnectionAbortedError

    record, toy.bus.relay._record = toy.bus.relay._record, dies  # type: ignore[method-assign]
    async with leadership(toy.bus.relay._engine, "relay") as connection:
        assert connection is not None
        with pytest.raises(ConnectionAbortedError):
            await toy.bus.relay.publish_batch(connection)
    toy.bus.relay._record = record  # type: ignore[method-assign]
    toy.bus.relay._client = lambda: toy.bus.client
    await client.close()
