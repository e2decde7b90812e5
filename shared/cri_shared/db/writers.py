"""SQLite's one writer: queueing in the process is fair and free, where busy-waiting in several
connections cost more than half of the throughput. PostgreSQL needs no queue.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from cri_shared.db.limits import Limits


class Writers:
    """Lets the writers of one database in, one after another where it takes only one."""

    def __init__(self, engine: AsyncEngine, limits: Limits) -> None:
        self._lock = asyncio.Lock() if engine.dialect.name == "sqlite" else None
        self._seconds = limits.wait

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for the turn to write; raises as an exhausted pool does where it takes too long."""
        if self._lock is None:
            yield
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self._lock.acquire()
        except TimeoutError:
            raise PoolTimeout("others wrote for too long") from None
        try:
            yield
        finally:
            self._lock.release()
