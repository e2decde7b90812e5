"""A snapshot is of one moment, on both databases."""

from cri_shared.bus.outbox import Outbox
from cri_shared.db import Database
from sqlalchemy import insert, select

from tests.shared.toy import KEY, effects, messaging, metadata


async def test_what_others_write_between_two_reads_is_in_neither(database_url: str) -> None:
    database = Database(database_url, Outbox(messaging, service="intake", key=KEY))
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    rows = select(effects.c.research_id)
    async with database.snapshot() as session:
        before = (await session.execute(rows)).all()
        async with database.writing() as work:
            await work.session.execute(insert(effects).values(research_id="w", text="x"))
        assert (await session.execute(rows)).all() == before == []
    async with database.snapshot() as session:
        assert (await session.execute(rows)).scalars().all() == ["w"]
    await database.close()
