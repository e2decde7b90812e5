"""What is erased is gone from outboxes and streams, and its number still counts."""

import nats
import pytest
from cri_shared.bus.removal import leave_removal
from cri_shared.testing.waiting import eventually
from sqlalchemy import select

from tests.shared.toy import Toy, cleared, messaging, prepared, started

pytestmark = pytest.mark.nats
SUBJECT = "cri.intake.question.cleared.v1"


async def published(toy: Toy, *names: str) -> dict[str, tuple[int, str]]:
    """Publish cleared questions; gives (sequence, event id) of each."""
    await toy.append(*(cleared(name) for name in names))
    await eventually(toy.all_left, what="published")
    table = messaging.outbox
    async with toy.database.reading() as session:
        rows = (await session.execute(select(table))).all()
    return {row.about: (row.stream_sequence, row.event_id) for row in rows}


async def jobs(toy: Toy) -> int:
    async with toy.database.reading() as session:
        return len((await session.execute(select(messaging.jobs))).all())


async def events_in(nats_url: str) -> set[str]:
    """The ids of the events that lie in intake's stream."""
    client = await nats.connect(nats_url)
    js = client.jetstream()
    last = (await js.stream_info("INTAKE")).state.last_seq
    found = set()
    for sequence in range(1, last + 1):
        try:
            message = await js.get_msg("INTAKE", sequence)
        except nats.js.errors.NotFoundError:
            continue
        found.add(str((message.headers or {})["ce-id"]))
    await client.close()
    return found


class TestRemoval:
    async def test_deletes_the_copy_and_only_that(self, nats_url: str, database_url: str) -> None:
        async with started("intake", database_url, nats_url) as intake:
            at = await published(intake, "q1", "q2")
            async with intake.database.writing() as work:
                await leave_removal(work, *at["q1"])
            await intake.clockwork.do_jobs()
            assert await events_in(nats_url) == {at["q2"][1]}
            assert await jobs(intake) == 0

    async def test_leaves_another_event_alone_that_a_rebuilt_stream_has_there(
        self, nats_url: str, database_url: str
    ) -> None:
        async with started("intake", database_url, nats_url) as intake:
            at = await published(intake, "q1")
            async with intake.database.writing() as work:
                await leave_removal(work, at["q1"][0], "another-event")
                await leave_removal(work, 999, "one-that-is-not-there")
            await intake.clockwork.do_jobs()
            assert await events_in(nats_url) == {at["q1"][1]}
            assert await jobs(intake) == 0

    async def test_waits_until_nats_answers(self, database_url: str) -> None:
        async with prepared("intake", database_url, "nats://127.0.0.1:1") as intake:
            async with intake.database.writing() as work:
                await leave_removal(work, 1, "e1")
            await intake.clockwork.do_jobs()
            assert await jobs(intake) == 1
