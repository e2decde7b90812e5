"""Transactions on SQLite end as they should, also where they are cut short."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cri_shared.bus.outbox import Outbox
from cri_shared.db import Database
from sqlalchemy import insert, select

from tests.shared.toy import KEY, effects, messaging, metadata


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    outbox = Outbox(messaging, service="intake", key=KEY)
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/a.db", outbox)
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield database
    await database.close()


async def kept(database: Database) -> list[str]:
    async with database.reading() as session:
        return list((await session.execute(select(effects.c.research_id))).scalars())


async def test_what_is_written_in_a_reading_session_is_not_kept(database: Database) -> None:
    async with database.reading() as session:
        await session.execute(insert(effects).values(research_id="read", text="x"))
    assert await kept(database) == []


async def test_a_reader_keeps_to_its_moment_while_others_write(database: Database) -> None:
    async with database.reading() as session:
        before = (await session.execute(select(effects.c.id))).all()
        async with database.writing() as work:
            await work.session.execute(insert(effects).values(research_id="w", text="x"))
        assert (await session.execute(select(effects.c.id))).all() == before == []
    assert await kept(database) == ["w"]


async def test_a_refused_statement_leaves_the_database_usable(database: Database) -> None:
    with contextlib.suppress(ZeroDivisionError):
        async with database.writing() as work:
            await work.session.execute(insert(effects).values(research_id="gone", text="x"))
            raise ZeroDivisionError
    async with database.writing() as work:
        await work.session.execute(insert(effects).values(research_id="stays", text="x"))
    assert await kept(database) == ["stays"]


@pytest.mark.parametrize("turns", range(12))
async def test_a_transaction_that_is_cancelled_anywhere_holds_no_lock(
    database: Database, turns: int
) -> None:
    async def write(name: str) -> None:
        async with database.writing() as work:
            await work.session.execute(insert(effects).values(research_id=name, text="x"))

    cut = asyncio.create_task(write("cut"))
    for _ in range(turns):
        await asyncio.sleep(0)
    cut.cancel()
    await asyncio.gather(cut, return_exceptions=True)
    await asyncio.wait_for(write("next"), 5)
    assert "next" in await kept(database)
