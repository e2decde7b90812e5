"""Copies are deleted from a service's own stream by sequence, and nothing else is."""

import pytest
from cri_shared.bus.removal import leave_removal

from tests.shared.erasing import events_in, jobs, published
from tests.shared.toy import prepared, started

pytestmark = pytest.mark.nats


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
