"""What things take up on the disk: pages and bytes in use, which neither a file's length tells.

A file keeps the room of what waited in it once, a journal beside it is as long as what was written
at once, and what was there before may be swapped for something smaller meanwhile.
"""

import asyncio
from pathlib import Path

import nats
from cri_shared.bus.topology import streams
from cri_shared.db.engine import make_engine
from cri_shared.db.limits import Limits
from cri_shared.testing.index import IndexServer
from sqlalchemy import text

PATIENT = Limits(statement=0.0, idle=0.0)  # one statement makes, or clears up, millions of rows
IN_USE = {
    "sqlite": "SELECT (page_count - freelist_count) * page_size"
    " FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database()) - sum(free.avail)"
    " FROM pg_class, LATERAL pg_freespace(pg_class.oid) AS free WHERE relkind IN ('r', 't', 'i')",
}
_TELLS_WHAT_IS_FREE = "CREATE EXTENSION IF NOT EXISTS pg_freespacemap"


async def asking(url: str, question: str) -> int:
    """The one number that a database answers; 0 for null."""
    engine = make_engine(url, pooled=False)
    async with engine.connect() as connection:
        answer = await connection.scalar(text(question))
    await engine.dispose()
    return int(answer or 0)


async def tended(url: str) -> None:
    """Let PostgreSQL clear up and look at its tables, which it does by itself a minute later."""
    engine = make_engine(url, PATIENT, pooled=False)
    if engine.dialect.name == "postgresql":
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            for statement in (_TELLS_WHAT_IS_FREE, "VACUUM ANALYZE", "CHECKPOINT"):
                await connection.exec_driver_sql(statement)
    await engine.dispose()


async def in_database(url: str) -> int:
    """Bytes of a database, once it has cleared up what is dead, without what is free then."""
    await tended(url)
    return await asking(url, IN_USE["sqlite" if url.startswith("sqlite") else "postgresql"])


async def in_streams(url: str) -> int:
    """Bytes of the messages in our streams, as their limits count them."""
    client = await nats.connect(url)
    stream = client.jetstream()
    told = [await stream.stream_info(str(one.name)) for one in streams()]
    await client.close()
    return sum(one.state.bytes for one in told)


async def in_index(index: IndexServer) -> tuple[int, int]:
    """Bytes of what an index finds documents by, and of the room that its journal keeps.

    It is stopped for that, so that its files are merged, and started again.
    """
    await asyncio.to_thread(index.stop)
    journal = index.directory / "index.db"
    kept = await asking(f"sqlite+aiosqlite:///{journal}", IN_USE["sqlite"])
    found = bytes_under(index.directory / "indexes") + kept
    room = bytes_under(index.directory) - found
    await asyncio.to_thread(index.start)
    return found, room


def bytes_under(directory: Path) -> int:
    """What the files under a directory hold."""
    return sum(path.stat().st_size for path in directory.rglob("*") if path.is_file())


def each(before: int, after: int, count: int) -> float:
    """What each of so many took; raises where there is less than before, which tells nothing."""
    if after < before:
        raise RuntimeError(f"{before - after:,} bytes fewer than before {count:,} came")
    return (after - before) / count
