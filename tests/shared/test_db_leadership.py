"""The connection of a leader: transactions on it, and which of them wait for the disk."""

from collections.abc import AsyncIterator

import pytest
from cri_shared.db import make_engine
from cri_shared.db.leadership import leadership, transaction
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_WAITS = {"sqlite": ("PRAGMA synchronous", 2), "postgresql": ("SHOW synchronous_commit", "on")}


@pytest.fixture
async def leader(database_url: str) -> AsyncIterator[AsyncConnection]:
    engine = make_engine(database_url, pooled=False)
    async with leadership(engine, "trying") as connection:
        assert connection is not None
        await connection.execute(text("CREATE TABLE noted (name TEXT)"))
        yield connection
    await engine.dispose()


async def waits_for_disk(leader: AsyncConnection) -> bool:
    asked, yes = _WAITS[leader.dialect.name]
    return bool((await leader.execute(text(asked))).scalar() == yes)


async def noted(leader: AsyncConnection) -> int:
    return int((await leader.execute(text("SELECT count(*) FROM noted"))).scalar_one())


@pytest.mark.parametrize("lasting", [True, False])
async def test_only_what_must_last_waits_for_the_disk(
    leader: AsyncConnection, lasting: bool
) -> None:
    async with transaction(leader, lasting=lasting):
        await leader.execute(text("INSERT INTO noted VALUES ('a')"))
        assert await waits_for_disk(leader) == lasting
    assert await waits_for_disk(leader)
    assert await noted(leader) == 1


async def note_and_fail(leader: AsyncConnection, *, lasting: bool) -> None:
    async with transaction(leader, lasting=lasting):
        await leader.execute(text("INSERT INTO noted VALUES ('a')"))
        raise ZeroDivisionError


@pytest.mark.parametrize("lasting", [True, False])
async def test_what_fails_is_undone(leader: AsyncConnection, lasting: bool) -> None:
    with pytest.raises(ZeroDivisionError):
        await note_and_fail(leader, lasting=lasting)
    assert await waits_for_disk(leader)
    assert await noted(leader) == 0
