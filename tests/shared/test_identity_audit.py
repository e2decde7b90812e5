"""The audit trail: written with what it tells of, or not at all."""

from collections.abc import AsyncIterator

import pytest
from cri_shared import clock
from cri_shared.bus.outbox import Outbox
from cri_shared.db import Database
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff

from tests.shared.toy import messaging, metadata

LEEN = Staff(
    "s-1", "Leen D.", "leen@staff.example", frozenset({"officer"}), "en", "c", "x", clock.now()
)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, Outbox(messaging, service="toy", key=bytes(32)))
    async with made.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield made
    await made.close()


class TestNote:
    async def test_it_says_who_did_what_to_what(self, database: Database) -> None:
        async with database.writing() as work:
            await audit.note(work, "toy.thing.opened", "thing-1", by=LEEN, reason="call")
            await audit.note(work, "toy.thing.expired", "thing-1")
            await audit.note(work, "toy.thing.opened", "thing-2", by=LEEN)
        async with database.reading() as session:
            told = await audit.history(session, messaging.audit, "thing-1")
        assert [(n.actor, n.action, n.facts) for n in told] == [
            ("Leen D.", "toy.thing.opened", {"reason": "call"}),
            ("cri", "toy.thing.expired", {}),
        ]

    async def test_what_was_rolled_back_was_never_done(self, database: Database) -> None:
        async def fail() -> None:
            async with database.writing() as work:
                await audit.note(work, "toy.thing.opened", "thing-1", by=LEEN)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            await fail()
        async with database.reading() as session:
            assert await audit.history(session, messaging.audit, "thing-1") == []
