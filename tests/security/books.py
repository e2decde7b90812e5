"""Books: what the databases of a service hold, to see whether anything in them is different."""

import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager

from cri_shared.db.engine import make_engine
from cri_shared.privacy.keys_ahead import KeysAhead
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# What is only noted of who looked or tried is no change: looking and trying are allowed.
NOTES = frozenset({"audit", "attempts", "alembic_version"})
_TABLES = {
    "sqlite": "select name from sqlite_master where type = 'table' and name not like 'sqlite_%'",
    "postgresql": "select tablename from pg_tables where schemaname = 'public'",
}


class Book:
    """One database, read from outside of the service that writes it."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._kind = connection.dialect.name
        self._written: int | None = None
        self._digests: dict[str, bytes] = {}

    async def changed(self) -> tuple[str, ...]:
        """The columns (`table.column`) that are different from when this was last asked."""
        written = await self._last_written()
        if written is not None and written == self._written:
            return ()
        now = {name: digest async for name, digest in self._columns()}
        before, self._digests, self._written = self._digests, now, written
        every = sorted(now.keys() | before.keys())
        return tuple(name for name in every if before.get(name) != now.get(name))

    async def counts(self) -> Counter[str]:
        """How many rows each table has."""
        return Counter({name: len(rows) async for name, _, rows in self._tables()})

    async def _last_written(self) -> int | None:
        """A number that differs when somebody else has written, where it costs nothing to know."""
        if self._kind != "sqlite":
            return None
        asked = text("pragma data_version")
        return int((await self._connection.execute(asked)).scalar_one())

    async def _columns(self) -> AsyncIterator[tuple[str, bytes]]:
        async for table, columns, rows in self._tables():
            for at, name in enumerate(columns):
                held = repr([row[at] for row in rows]).encode()
                yield f"{table}.{name}", hashlib.sha256(held).digest()

    async def _tables(self) -> AsyncIterator[tuple[str, list[str], list[tuple[object, ...]]]]:
        """(name, columns, rows in an order that writing elsewhere leaves alone) of each table."""
        names = (await self._connection.execute(text(_TABLES[self._kind]))).scalars().all()
        for name in sorted(set(names) - NOTES):
            found = await self._connection.execute(text(f'select * from "{name}"'))  # noqa: S608
            yield name, list(found.keys()), sorted(map(tuple, found.all()), key=repr)


class Books:
    """Every database of a service: its own, its keys, and who works there.

    Keys that lie ready for nobody yet are destroyed before one looks: they are nobody's change.
    """

    def __init__(self, books: Iterable[Book], ahead: Iterable[KeysAhead]) -> None:
        self._books, self._ahead = list(books), list(ahead)

    async def changed(self) -> tuple[str, ...]:
        """The columns that are different from when this was last asked."""
        await self._put_away()
        return tuple([name for book in self._books for name in await book.changed()])

    async def counts(self) -> Counter[str]:
        """How many rows each table has."""
        await self._put_away()
        return sum([await book.counts() for book in self._books], Counter())

    async def _put_away(self) -> None:
        for ahead in self._ahead:
            await ahead.close()


@asynccontextmanager
async def books_of(app: FastAPI, *beside: FastAPI, staff: bool = True) -> AsyncIterator[Books]:
    """The books of a service, of its processes; without `staff`, all but who works there."""
    urls = dict.fromkeys(_urls(app, staff))
    engines = [make_engine(url, pooled=False) for url in urls]
    quiet = [engine.execution_options(isolation_level="AUTOCOMMIT") for engine in engines]
    connections = [await engine.connect() for engine in quiet]
    try:
        ready = [getattr(one.state.rig, "ahead", {}) for one in (app, *beside)]
        ahead = [each for kinds in ready for each in kinds.values()]
        books = Books([Book(connection) for connection in connections], ahead)
        await books.changed()
        yield books
    finally:
        for connection in connections:
            await connection.close()
        for engine in engines:
            await engine.dispose()


def _urls(app: FastAPI, staff: bool) -> Iterator[str]:
    settings = app.state.service.settings
    yield settings.database_url
    yield getattr(settings, "keystore_url", settings.database_url)
    if staff:
        yield settings.identity_database_url
