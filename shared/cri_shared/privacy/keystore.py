"""The store of wrapped data keys, apart from the data: destroying a key here erases what it sealed.

It has a database file or schema of its own, outside ordinary backups, so that a restored backup
cannot bring back what was erased.
"""

import datetime as dt
from collections.abc import AsyncIterator, Collection, Iterable, Mapping
from contextlib import asynccontextmanager

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from cri_shared import clock
from cri_shared.db.begun import begun
from cri_shared.db.engine import make_engine
from cri_shared.db.inserting import insert_into
from cri_shared.db.limits import Limits
from cri_shared.db.puts import Put
from cri_shared.db.writers import Writers
from cri_shared.errors import Refusal
from cri_shared.points import reached
from cri_shared.privacy.key_tables import Owner, erasures, metadata, wrapped_keys
from cri_shared.privacy.keys import KeyRing
from cri_shared.privacy.recent_keys import RecentKeys
from cri_shared.privacy.vault import Erased, new_key
from cri_shared.words import N_

_WrappedRow = sa.Row[str, str, bytes]

_INTO_KEYS = Put(sa.insert(wrapped_keys))
_ROWS_AT_ONCE = 500
_FEW_ORPHANS = 5


class KeyExists(Refusal):
    """This owner already has a key."""

    slug = "key-exists"
    message = N_("This already has a key.")


class SweepRefused(Refusal):
    """So many keys look orphaned that the list of owners must be wrong; none was destroyed."""

    slug = "sweep-refused"
    message = N_("Too many keys have no owner. Nothing was erased. Check the list of owners.")


class KeyStore:
    """One random 32-byte key per owner, such as ("case", question_id), kept wrapped by a `KeyRing`.

    Every method is a transaction of its own, committed when it returns. Create the key first and
    the owner after it: a crash in between leaves an orphan key, which `sweep` removes.
    """

    def __init__(
        self,
        engine_url: str,
        ring: KeyRing,
        limits: Limits = Limits(),
        *,
        schema: str | None = None,
    ) -> None:
        engine = make_engine(engine_url, limits)
        self._schema = schema
        # Each statement of an engine with a map is rewritten: not for nothing.
        in_schema = {"schema_translate_map": {None: schema}} if schema else {}
        self._engine: AsyncEngine = engine.execution_options(**in_schema)
        self._readers: AsyncEngine = self._engine.execution_options(sqlite_begin="DEFERRED")
        self._one_statement: AsyncEngine = self._engine.execution_options(sqlite_begin="NONE")
        self._ring = ring
        self._recent = RecentKeys()
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._writers = Writers(engine, limits)
        if self._is_sqlite:
            sa.event.listen(engine.sync_engine, "connect", _overwrite_what_is_deleted)

    async def create_tables(self) -> None:
        """Make the schema and the table where they are missing."""
        async with self._engine.begin() as connection:
            if self._schema is not None:
                await connection.execute(sa.schema.CreateSchema(self._schema, if_not_exists=True))
            await connection.run_sync(metadata.create_all)

    async def ping(self) -> None:
        """Ask the store whether it answers; raises what the database raises."""
        async with self._readers.connect() as connection:
            await connection.execute(sa.select(wrapped_keys.c.owner_id).limit(1))

    async def close(self) -> None:
        """Give the connections back and forget every key."""
        self._recent.clear()
        await self._engine.dispose()

    async def create(self, kind: str, owner_id: str) -> bytes:
        """Make and keep a key for a new owner; raises `KeyExists`."""
        return (await self.create_many(kind, [owner_id]))[owner_id]

    async def create_many(self, kind: str, owner_ids: Iterable[str]) -> dict[str, bytes]:
        """Make keys for several new owners in one transaction: all or, with `KeyExists`, none."""
        keys = {owner_id: new_key() for owner_id in owner_ids}
        at = clock.now()
        rows = [
            {
                "owner_kind": kind,
                "owner_id": owner_id,
                "wrapped": self._ring.wrap(key, _place(kind, owner_id)),
                "created_at": at,
            }
            for owner_id, key in keys.items()
        ]
        if rows:
            try:
                await self._put(rows)
            except IntegrityError:
                raise KeyExists from None
        for owner_id, key in keys.items():
            self._recent.remember(kind, owner_id, key)
        return keys

    async def ensure(self, kind: str, owner_id: str) -> bytes:
        """The owner's key, made if there is none: for a message that may be delivered twice."""
        try:
            return await self.create(kind, owner_id)
        except KeyExists:
            return await self.get(kind, owner_id)

    async def get(self, kind: str, owner_id: str) -> bytes:
        """The owner's key; raises `Erased` if there is none (any more), `Unreadable` if damaged."""
        keys = await self.get_many(kind, [owner_id])
        if owner_id not in keys:
            raise Erased
        return keys[owner_id]

    async def get_many(self, kind: str, owner_ids: Collection[str]) -> dict[str, bytes]:
        """The keys of those owners that have one; erased owners are left out."""
        keys = self._recent.recall(kind, owner_ids)
        missing = [owner_id for owner_id in owner_ids if owner_id not in keys]
        for some in _chunks(missing):
            query = sa.select(wrapped_keys.c.owner_id, wrapped_keys.c.wrapped).where(
                wrapped_keys.c.owner_kind == kind, wrapped_keys.c.owner_id.in_(some)
            )
            async with self._readers.connect() as connection:
                rows = (await connection.execute(query)).all()
            for owner_id, wrapped in rows:
                keys[owner_id] = self._ring.unwrap(wrapped, _place(kind, owner_id))
                self._recent.remember(kind, owner_id, keys[owner_id])
        return keys

    async def destroy(self, kind: str, *owner_ids: str) -> int:
        """Destroy the owners' keys, which erases all they sealed; how many there were."""
        return await self._destroy(kind, owner_ids)

    async def erase(self, owners: Mapping[Owner, dt.datetime]) -> None:
        """Destroy the keys of owners that were erased at these times, and remember that."""
        for (kind, owner_id), at in owners.items():
            values = {"owner_kind": kind, "owner_id": owner_id, "erased_at": at}
            gone = sa.delete(wrapped_keys).where(
                wrapped_keys.c.owner_kind == kind, wrapped_keys.c.owner_id == owner_id
            )
            async with self._writing() as connection:
                entry = insert_into(connection, erasures).values(values)
                await connection.execute(entry.on_conflict_do_nothing())
                await connection.execute(gone)
            self._recent.forget(kind, [owner_id])
        if owners:
            await self._scrub()

    async def erased_since(self, instant: dt.datetime) -> dict[Owner, dt.datetime]:
        """Who was erased when, as this store remembers it; what is older is forgotten."""
        async with self._writing() as connection:
            await connection.execute(sa.delete(erasures).where(erasures.c.erased_at < instant))
        async with self._readers.connect() as connection:
            rows = (await connection.execute(sa.select(erasures))).all()
        return {(row.owner_kind, row.owner_id): row.erased_at for row in rows}

    async def made_before(
        self, kind: str, older_than: dt.datetime, *, after: str = "", most: int
    ) -> list[str]:
        """Who has a key that was made before `older_than`: the next owners after an id, in order.

        Leave an hour between `older_than` and the look at who is known, for owners that are just
        being recorded.
        """
        keys = wrapped_keys.c
        old = (keys.owner_kind == kind, keys.owner_id > after, keys.created_at < older_than)
        query = sa.select(keys.owner_id).where(*old).order_by(keys.owner_id).limit(most)
        async with self._readers.connect() as connection:
            return list((await connection.scalars(query)).all())

    async def sweep(self, kind: str, stored: Collection[str], known: Collection[str]) -> int:
        """Destroy the keys of those in `stored` who are not `known`; returns how many.

        Raises `SweepRefused` when more than five keys are orphans and they outnumber the keys in
        use: that is a wrong list, not a crash left behind.
        """
        orphans = set(stored).difference(known)
        if len(orphans) > max(_FEW_ORPHANS, len(stored) - len(orphans)):
            raise SweepRefused
        return await self._destroy(kind, sorted(orphans))

    async def rewrap(self) -> int:
        """Wrap every key under the ring's current key; returns how many were not yet.

        After this an older key of the ring may be retired. A key that is destroyed meanwhile stays
        destroyed.
        """
        rewrapped = 0
        last = ("", "")
        while rows := await self._rows_after(*last):
            async with self._writing() as connection:
                for row in rows:
                    rewrapped += await self._rewrap_row(connection, row)
            last = (rows[-1].owner_kind, rows[-1].owner_id)
        return rewrapped

    async def _put(self, rows: list[dict[str, object]]) -> None:
        """Rows in one transaction; of a single row on SQLite, the statement is one."""
        if len(rows) > 1:
            async with self._writing() as connection:
                await connection.execute(sa.insert(wrapped_keys), rows)
            return
        async with self._writers.turn(), begun(self._one_statement) as connection:
            await _INTO_KEYS.into(connection, rows[0])
        reached("keystore.committed")

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncConnection]:
        async with self._writers.turn(), begun(self._engine) as connection:
            yield connection
        reached("keystore.committed")

    async def _destroy(self, kind: str, owner_ids: Collection[str]) -> int:
        destroyed = 0
        for some in _chunks(list(owner_ids)):
            async with self._writing() as connection:
                result = await connection.execute(
                    sa.delete(wrapped_keys).where(
                        wrapped_keys.c.owner_kind == kind, wrapped_keys.c.owner_id.in_(some)
                    )
                )
            destroyed += result.rowcount
            self._recent.forget(kind, some)
        if destroyed:
            await self._scrub()
        return destroyed

    async def _scrub(self) -> None:
        """Remove the deleted rows' bytes from SQLite's log and from PostgreSQL's table too."""
        table = f'"{self._schema}".wrapped_keys' if self._schema else "wrapped_keys"
        statement = "PRAGMA wal_checkpoint(TRUNCATE)" if self._is_sqlite else f"VACUUM {table}"
        async with self._engine.connect() as connection:
            autocommit = await connection.execution_options(isolation_level="AUTOCOMMIT")
            await autocommit.exec_driver_sql(statement)

    async def _rows_after(self, kind: str, owner_id: str) -> list[_WrappedRow]:
        place = sa.tuple_(wrapped_keys.c.owner_kind, wrapped_keys.c.owner_id)
        query = (
            sa.select(wrapped_keys.c.owner_kind, wrapped_keys.c.owner_id, wrapped_keys.c.wrapped)
            .where(place > sa.tuple_(sa.literal(kind), sa.literal(owner_id)))
            .order_by(wrapped_keys.c.owner_kind, wrapped_keys.c.owner_id)
            .limit(_ROWS_AT_ONCE)
        )
        async with self._readers.connect() as connection:
            return list((await connection.execute(query)).all())

    async def _rewrap_row(self, connection: AsyncConnection, row: _WrappedRow) -> int:
        kind, owner_id, wrapped = row
        if self._ring.wrapped_by(wrapped) == self._ring.current:
            return 0
        place = _place(kind, owner_id)
        renewed = self._ring.wrap(self._ring.unwrap(wrapped, place), place)
        result = await connection.execute(
            sa.update(wrapped_keys)
            .where(
                wrapped_keys.c.owner_kind == kind,
                wrapped_keys.c.owner_id == owner_id,
                wrapped_keys.c.wrapped == wrapped,
            )
            .values(wrapped=renewed)
        )
        return result.rowcount


def _place(kind: str, owner_id: str) -> str:
    return f"{kind}/{owner_id}"


def _chunks(items: list[str]) -> Iterable[list[str]]:
    return (items[start : start + _ROWS_AT_ONCE] for start in range(0, len(items), _ROWS_AT_ONCE))


def _overwrite_what_is_deleted(connection: object, _record: object) -> None:
    """Make SQLite write zeros over deleted rows, which it would otherwise leave in free pages."""
    cursor = connection.cursor()  # type: ignore[attr-defined]
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.close()
