"""The ledger of erasures: keys are destroyed once, and stay so whatever is restored from a backup.

It lies in the service's database, written with the transaction that erases, and in the key store,
written with the key's destruction. Before a service opens each learns from the other what was
erased since its backup; where both are restored, an operator hands in a list that was kept apart.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping

from sqlalchemy import CompoundSelect, Select, select

from cri_shared import clock
from cri_shared.clockwork import Clockwork, Job
from cri_shared.db.database import Database, Work
from cri_shared.db.inserting import insert_into
from cri_shared.db.tables.spans import LEDGER_DAYS
from cri_shared.observe import log
from cri_shared.privacy.key_tables import Owner
from cri_shared.privacy.keystore import KeyStore

DESTROY = "ledger.destroy"
SWEEP_SECONDS = 600.0
SWEPT_AT_ONCE = 2000  # keys of one kind
NEW_KEYS = dt.timedelta(days=7)  # time to notice that a database was restored that knows too few
Owners = Select[str] | CompoundSelect[str]
Again = Callable[[Work, str], Awaitable[None]]


class Ledger:
    """Erases the owners of keys for good. `again` of a kind deletes the rows of one of its owners.

    It is called for what a restored database brought back, and must do no harm otherwise. `owners`
    of a kind finds all who have a key.
    """

    def __init__(
        self,
        database: Database,
        clockwork: Clockwork,
        keys: KeyStore,
        again: Mapping[str, Again],
        owners: Mapping[str, Owners],
    ) -> None:
        self.keys = keys
        self._database = database
        self._clockwork = clockwork
        self._table = database.outbox.tables.erasures
        self._again, self._owners = again, owners
        self._swept: dict[str, str] = {}  # kind -> the last owner that was looked at
        clockwork.handles(DESTROY, self._destroy)
        clockwork.every(SWEEP_SECONDS, "sweep-keys", self._sweep)

    async def erase(self, work: Work, kind: str, owner_id: str) -> None:
        """Destroy the key of an owner once this transaction, which deletes its rows, is durable."""
        at = clock.now()
        await self._enter(work, kind, owner_id, at)
        owner = {"kind": kind, "owner_id": owner_id, "at": at.isoformat()}
        await self._clockwork.leave(work, DESTROY, f"{kind}:{owner_id}", owner)

    async def has(self, kind: str, owner_id: str) -> bool:
        """Whether this owner was erased, as far as the service's database remembers."""
        table = self._table
        of = select(table).where(table.c.owner_kind == kind, table.c.owner_id == owner_id)
        async with self._database.reading() as session:
            return (await session.execute(of)).first() is not None

    async def replay(self) -> None:
        """Let both sides forget again what the other knows to be erased."""
        here, there = await self.known(), await self.remembered()
        await self.keys.erase({owner: at for owner, at in here.items() if owner not in there})
        await self._forget({owner: at for owner, at in there.items() if owner not in here})

    async def take(self, owners: Mapping[Owner, dt.datetime]) -> int:
        """Erase again what a list from elsewhere names; gives how many were new to either side."""
        here, there = await self.known(), await self.remembered()
        known = here.keys() & there.keys()
        new = {o: at for o, at in owners.items() if at >= _oldest() and o not in known}
        await self.keys.erase(new)
        await self._forget({owner: at for owner, at in new.items() if owner not in here})
        return len(new)

    async def known(self) -> dict[Owner, dt.datetime]:
        """Who was erased when, as the service's database remembers it."""
        recent = select(self._table).where(self._table.c.erased_at >= _oldest())
        async with self._database.reading() as session:
            rows = (await session.execute(recent)).all()
        return {(row.owner_kind, row.owner_id): row.erased_at for row in rows}

    async def remembered(self) -> dict[Owner, dt.datetime]:
        """Who was erased when, as the key store remembers it."""
        return await self.keys.erased_since(_oldest())

    async def _forget(self, owners: Mapping[Owner, dt.datetime]) -> None:
        for (kind, owner_id), at in owners.items():
            async with self._database.writing() as work:
                await self._enter(work, kind, owner_id, at)
                if kind in self._again:
                    await self._again[kind](work, owner_id)
        if owners:
            log.warning("ledger.replayed", count=len(owners))

    async def _sweep(self, work: Work) -> None:
        """Destroy keys whose owner was never recorded: a crash between the two leaves one behind.

        Each time it looks at the next few thousand, and begins anew after the last. Raises
        `SweepRefused`.
        """
        for kind, owners in self._owners.items():
            after, old = self._swept.pop(kind, ""), clock.now() - NEW_KEYS
            stored = await self.keys.made_before(kind, old, after=after, most=SWEPT_AT_ONCE)
            known: set[str] = set()
            for part in owners.selects if isinstance(owners, CompoundSelect) else (owners,):
                assert isinstance(part, Select)  # each by itself, or no index is of use
                those = part.where(part.selected_columns[0].in_(stored))
                known.update((await work.session.execute(those)).scalars())
            await self.keys.sweep(kind, stored, known)
            if len(stored) == SWEPT_AT_ONCE:
                self._swept[kind] = stored[-1]

    async def _destroy(self, job: Job) -> None:
        owner = (job.payload["kind"], job.payload["owner_id"])
        await self.keys.erase({owner: dt.datetime.fromisoformat(job.payload["at"])})

    async def _enter(self, work: Work, kind: str, owner_id: str, at: dt.datetime) -> None:
        values = {"owner_kind": kind, "owner_id": owner_id, "erased_at": at}
        entry = insert_into(work.session, self._table).values(values)
        await work.session.execute(entry.on_conflict_do_nothing())


def _oldest() -> dt.datetime:
    return clock.now() - dt.timedelta(days=LEDGER_DAYS)
