"""What is erased is gone from the files too: of NATS, of SQLite and of PostgreSQL."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from cri_shared import clock
from cri_shared.bus.erasure import SCRUB, erase
from cri_shared.db import Work
from cri_shared.events.intake import QuestionCleared
from cri_shared.testing.nats import NatsServer
from cri_shared.testing.postgres import PostgresServer
from cri_shared.testing.waiting import eventually
from sqlalchemy import LargeBinary, Table, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.shared.toy import Toy, cleared, messaging, started

pytestmark = pytest.mark.nats
MARKER = "ISTHEREINSULININKINSHASA"
LONG = MARKER * 240  # more than a page of SQLite, and PostgreSQL keeps it apart


def found(directory: Path, needles: set[bytes]) -> set[str]:
    """The files below a directory that hold one of the needles."""
    return {
        file.name
        for file in directory.rglob("*")
        if file.is_file()
        if any(needle in content for content in [_content(file)] for needle in needles)
    }


def _content(file: Path) -> bytes:
    """What a file holds; nothing where a server has removed it meanwhile."""
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""


def pieces(sealed: bytes) -> Iterator[bytes]:
    """Pieces of a sealed value, so small that each lies whole on one page."""
    return (sealed[at : at + 32] for at in range(16, len(sealed) - 32, 300))


async def sealed_in(toy: Toy, table: Table, about: str) -> set[bytes]:
    """What is to be looked for: pieces of what a table holds sealed of a thing."""
    (column,) = (c for c in table.c if isinstance(c.type, LargeBinary))
    async with toy.database.reading() as session:
        of = select(column).where(table.c.about == about)
        blobs = (await session.execute(of)).scalars().all()
    return {piece for blob in blobs for piece in pieces(blob)}


async def refuses(event: QuestionCleared, work: Work) -> None:
    raise ValueError(event.research_id)


async def travelled(intake: Toy, research: Toy) -> set[bytes]:
    """Let a marker travel into the hearer's dead letters; gives what to look for."""
    await intake.append(cleared("stays", "Is there a school?" * 300), cleared("goes", LONG))

    async def buried() -> bool:
        return await research.dead() == 2

    await eventually(buried, what="two dead letters")
    return {
        MARKER.encode(),
        *await sealed_in(intake, messaging.outbox, "goes"),
        *await sealed_in(research, messaging.dead_letters, "goes"),
    }


async def erased(intake: Toy, research: Toy) -> None:
    """Erase, and let the tombstone arrive and both do what is due until the next day."""
    async with intake.database.writing() as work:
        assert not (await erase(work, "goes")).nothing

    async def heard() -> bool:
        return await research.dead() == 1

    await eventually(heard, what="the tombstone was heard")
    await eventually(intake.all_left, what="that is recorded")
    with clock.frozen(clock.now() + dt.timedelta(days=1)):
        for toy in (intake, research):
            await toy.clockwork.do_jobs()
            async with toy.database.reading() as session:
                assert (await session.execute(select(messaging.jobs))).all() == []


async def test_nothing_is_left_in_the_files_of_nats_and_sqlite(
    nats_server: NatsServer, nats_url: str, tmp_path: Path
) -> None:
    async with (
        started("intake", f"sqlite+aiosqlite:///{tmp_path}/intake.db", nats_url) as intake,
        started(
            "research", f"sqlite+aiosqlite:///{tmp_path}/hearer.db", nats_url, refuses
        ) as hears,
    ):
        needles = await travelled(intake, hears)
        assert found(nats_server.store, needles), "it can be found"
        assert {"intake.db-wal", "hearer.db-wal"} <= found(tmp_path, needles)
        await erased(intake, hears)
        assert found(tmp_path, needles) == set()
        assert found(nats_server.store, needles) == set()
        stays = await sealed_in(intake, messaging.outbox, "stays")
        assert "intake.db" in found(tmp_path, stays), "it was written through"
    assert found(tmp_path, needles) == set()


@pytest.mark.postgres
async def test_nothing_is_left_in_the_tables_of_postgresql_after_the_night(
    postgres_server: PostgresServer, nats_url: str
) -> None:
    urls = [postgres_server.create_database() for _ in range(2)]
    async with (
        started("intake", urls[0], nats_url) as intake,
        started("research", urls[1], nats_url, refuses) as research,
    ):
        needles = await travelled(intake, research)
        await written_through(intake)
        directories = [await directory_of(toy, postgres_server) for toy in (intake, research)]
        assert all(found(directory, needles) for directory in directories), "it can be found"
        async with intake.database.writing() as work:
            await erase(work, "goes")
            due = select(messaging.jobs.c.due_at).where(messaging.jobs.c.kind == SCRUB)
            assert (await work.session.execute(due)).scalar_one().hour == 2
            await work.session.rollback()
        await erased(intake, research)
        await written_through(intake)
        assert not any(found(directory, needles) for directory in directories)


async def directory_of(toy: Toy, server: PostgresServer) -> Path:
    """Where PostgreSQL keeps the tables of a service."""
    own = text("SELECT oid FROM pg_database WHERE datname = current_database()")
    async with toy.database.engine.connect() as connection:
        return server.data / "base" / str((await connection.execute(own)).scalar_one())


async def written_through(toy: Toy) -> None:
    """Let PostgreSQL write its pages to their files."""
    async with toy.database.engine.connect() as connection:
        outside: AsyncConnection = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await outside.exec_driver_sql("CHECKPOINT")
