"""Lines in which those wait who want the same; SQLite's writers wait in one.

Queueing in the process is fair and free, where busy-waiting in several connections cost more than
half of the throughput. PostgreSQL needs no queue for its writers.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext

from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncEngine

from cri_shared.db.limits import Limits


class Line:
    """Lets so many in at once; others wait in the order in which they came, for so long at most.

    Of a line that is not for everybody, `most` is how many may wait.
    """

    def __init__(self, at_once: int, seconds: float, most: float = float("inf")) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._seconds = seconds
        self._most = most
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for one's turn; raises as an exhausted pool does where it takes too long.

        It does so at once where too many wait already: who comes after them would wait in vain.
        """
        if self._places.locked():
            await self._wait()
        else:  # without a timer, which costs more than the turn
            await self._places.acquire()
        try:
            yield
        finally:
            self._places.release()

    async def _wait(self) -> None:
        if self._waiting >= self._most:
            raise PoolTimeout("too many wait already")
        self._waiting += 1
        try:
            async with asyncio.timeout(self._seconds):
                await self._places.acquire()
        except TimeoutError:
            raise PoolTimeout("others took too long") from None
        finally:
            self._waiting -= 1


class Writers:
    """Lets the writers of one database in, one after another where it takes only one."""

    def __init__(self, engine: AsyncEngine, limits: Limits) -> None:
        self._one = Line(1, limits.wait) if engine.dialect.name == "sqlite" else None

    def turn(self) -> AbstractAsyncContextManager[None]:
        """Wait for the turn to write; raises as an exhausted pool does where it takes too long."""
        return nullcontext() if self._one is None else self._one.turn()
