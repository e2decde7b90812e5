"""Rows that are put in past SQLAlchemy are those that it would put in, on both databases."""

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from cri_shared import clock
from cri_shared.bus.outbox import Outbox
from cri_shared.db import BigId, Database, Messaging, Put, UtcDateTime, Work
from cri_shared.db.engine import make_engine
from cri_shared.db.inserting import insert_into
from cri_shared.db.trouble import is_outage
from cri_shared.testing.postgres import PostgresServer
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    event,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.orm import registry
from sqlalchemy.schema import CreateSchema

metadata = MetaData()
messaging = Messaging(metadata)
things = Table(
    "things",
    metadata,
    Column("id", BigId, primary_key=True, autoincrement=True),
    Column("name", String(20), unique=True),
    Column("at", UtcDateTime),
    Column("on_day", Date),
    Column("tags", JSON, default=list),
    Column("sealed", LargeBinary),
    Column("held", Boolean, nullable=False, default=False),
    Column("status", String(10), nullable=False, server_default="new"),
    Column("made_at", UtcDateTime, default=lambda: dt.datetime(2026, 1, 2, tzinfo=dt.UTC)),
    Column("length", Integer, default=func.length("four")),
)


class Thing:
    """A row as an object."""

    def __init__(self, name: str) -> None:
        self.name = name


registry().map_imperatively(Thing, things)
WHOLE: dict[str, Any] = {
    "name": "whole",
    "at": dt.datetime(2026, 11, 20, 10, tzinfo=dt.timezone(dt.timedelta(hours=1))),
    "on_day": dt.date(2026, 11, 20),
    "tags": ["é", {"a": None}],
    "sealed": b"\0\xff",
    "held": True,
    "status": "old",
    "made_at": clock.now(),
}
ROWS = [WHOLE, {"name": "few"}, {"name": "none", "tags": None, "at": None, "sealed": None}]
_INTO_THINGS = Put(insert(things))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, Outbox(messaging, service="intake", key=b"k" * 32))
    async with database.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield database
    await database.close()


async def kept(database: Database) -> list[tuple[Any, ...]]:
    """The rows without their ids."""
    columns = [column for column in things.c if column is not things.c.id]
    async with database.reading() as session:
        return [tuple(row) for row in await session.execute(select(*columns).order_by(things.c.id))]


async def test_a_row_is_what_sqlalchemy_makes_of_it(database: Database) -> None:
    async with database.writing() as work:
        for row in ROWS:
            await work.session.execute(insert(things), row)
    theirs = await kept(database)
    async with database.writing() as work:
        await work.session.execute(things.delete())
        for row in ROWS:
            assert not await work.put(_INTO_THINGS, row)
    assert await kept(database) == theirs
    assert theirs[1][3:] == ([], None, False, "new", dt.datetime(2026, 1, 2, tzinfo=dt.UTC), 4)


async def seen(work: Work) -> int:
    return (await work.session.execute(select(func.count()).select_from(things))).scalar_one()


async def put_first(work: Work) -> None:
    await work.put(_INTO_THINGS, {"name": "mine"})
    assert await seen(work) == 1


async def put_after(work: Work) -> None:
    await work.session.execute(insert(things), {"name": "before"})
    await work.put(_INTO_THINGS, {"name": "mine"})
    assert await seen(work) == 2


async def put_alone(work: Work) -> None:
    await work.put(_INTO_THINGS, {"name": "mine"})


async def no_put(work: Work) -> None:
    await work.session.execute(insert(things), {"name": "mine"})


USES = [put_first, put_after, put_alone, no_put]


async def and_fail(database: Database, use: Callable[[Work], Awaitable[None]]) -> None:
    async with database.writing() as work:
        await use(work)
        raise ZeroDivisionError


@pytest.mark.parametrize("use", USES)
async def test_it_is_in_the_transaction_of_the_session(
    database: Database, use: Callable[[Work], Awaitable[None]]
) -> None:
    with pytest.raises(ZeroDivisionError):
        await and_fail(database, use)
    assert await kept(database) == []
    async with database.writing() as work:
        await use(work)
    assert len(await kept(database)) == (2 if use is put_after else 1)
    assert database.connections_in_use == 0


@pytest.mark.parametrize("use", USES)
async def test_a_commit_that_fails_leaves_nothing_behind(
    database: Database, use: Callable[[Work], Awaitable[None]]
) -> None:
    def fail(_connection: object) -> None:
        raise ZeroDivisionError

    event.listen(database.engine.sync_engine, "commit", fail)
    with pytest.raises(ZeroDivisionError):
        async with database.writing() as work:
            await use(work)
    event.remove(database.engine.sync_engine, "commit", fail)
    assert database.connections_in_use == 0
    async with database.writing() as work:
        await use(work)
    assert len(await kept(database)) == (2 if use is put_after else 1)


async def test_a_flush_that_fails_at_the_commit_is_told_and_leaves_nothing_behind(
    database: Database,
) -> None:
    async def twice() -> None:
        async with database.writing() as work:
            await work.put(_INTO_THINGS, {"name": "mine"})
            work.session.add(Thing(name="mine"))

    with pytest.raises(IntegrityError):
        await twice()
    assert database.connections_in_use == 0
    assert await kept(database) == []
    async with database.writing() as work:
        await work.put(_INTO_THINGS, {"name": "mine"})
        work.session.add(Thing(name="other"))
    assert [row[0] for row in await kept(database)] == ["mine", "other"]


async def test_what_is_there_already_is_told_as_sqlalchemy_tells_it(database: Database) -> None:
    async with database.writing() as work:
        await work.put(_INTO_THINGS, {"name": "secret-name"})
    with pytest.raises(IntegrityError) as told:
        async with database.writing() as work:
            await work.put(_INTO_THINGS, {"name": "secret-name"})
    assert "secret-name" not in str(told.value).replace("UNIQUE", "").partition("DETAIL")[0]
    assert len(await kept(database)) == 1


async def test_it_gives_what_the_statement_returns(database: Database) -> None:
    new = insert_into(database.engine, things).on_conflict_do_nothing()
    once = Put(new.returning(things.c.name))
    async with database.writing() as work:
        assert [tuple(row) for row in await work.put(once, {"name": "a"})] == [("a",)]
        assert list(await work.put(once, {"name": "a"})) == []


async def test_plain_words_may_name_a_value_twice(database: Database) -> None:
    said = text(
        "INSERT INTO things (name, status, held, at) VALUES (:it, :it, :held, :at)"
        " RETURNING name, status"
    ).bindparams(bindparam("at", type_=UtcDateTime))
    async with database.writing() as work:
        (row,) = await work.put(Put(said), {"it": "a", "held": True, "at": clock.now()})
    assert tuple(row) == ("a", "a")


async def lose_and_put(engine: AsyncEngine, operators: AsyncEngine) -> None:
    async with engine.begin() as connection, operators.begin() as operator:
        mine = await connection.scalar(text("SELECT pg_backend_pid()"))
        await operator.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": mine})
        await _INTO_THINGS.into(connection, {"name": "secret-name"})


async def test_a_connection_that_is_lost_is_told_as_an_outage_and_leaves_the_pool(
    postgres_server: PostgresServer,
) -> None:
    engine = make_engine(postgres_server.create_database())
    other = make_engine(str(engine.url.render_as_string(hide_password=False)))
    async with engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    with pytest.raises(DBAPIError) as told:
        await lose_and_put(engine, other)
    assert is_outage(told.value)
    assert told.value.connection_invalidated
    assert "secret-name" not in str(told.value)
    async with engine.begin() as connection:
        await _INTO_THINGS.into(connection, {"name": "after"})
    async with engine.connect() as connection:
        assert (await connection.scalars(select(things.c.name))).all() == ["after"]
    await engine.dispose()
    await other.dispose()


async def test_a_value_that_the_database_does_not_take_is_told_without_it(
    database: Database,
) -> None:
    with pytest.raises(DBAPIError) as told:
        async with database.writing() as work:
            await work.put(_INTO_THINGS, {"name": "none", "held": None})
    assert not is_outage(told.value)
    assert await kept(database) == []


async def test_it_is_put_into_the_schema_of_its_engine(postgres_server: PostgresServer) -> None:
    plain = make_engine(postgres_server.create_database())
    async with plain.begin() as connection:
        await connection.execute(CreateSchema("apart"))
        for schema in (None, "apart"):
            within = await connection.execution_options(schema_translate_map={None: schema})
            await within.run_sync(metadata.create_all)
    apart = plain.execution_options(schema_translate_map={None: "apart"})
    for engine, name in ((plain, "here"), (apart, "there")):
        async with engine.begin() as connection:
            await _INTO_THINGS.into(connection, {"name": name})
    async with plain.connect() as connection:
        for schema, name in (("public", "here"), ("apart", "there")):
            found = await connection.scalars(text(f"SELECT name FROM {schema}.things"))  # noqa: S608
            assert found.all() == [name]
    await plain.dispose()
