"""Packs that are made once and kept in memory, until anything that they tell changes.

Nothing is written to a disk: what is taken back is gone from here with the next event or request.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cri_shared.errors import Busy

MOST_BYTES = 24_000_000
MOST_WAITING = 8  # to be made; who comes then is told to come back


@dataclass(frozen=True)
class Which:
    """One pack: a country, an interface language and a kind, `pdf` or `zip`."""

    country: str
    language: str
    kind: str


Fingerprint = Callable[[str], Awaitable[bytes]]
Make = Callable[[Which], Awaitable[bytes]]


class Packs:
    """Makes packs, one at a time, and keeps each with the fingerprint of what it tells."""

    def __init__(self, fingerprint: Fingerprint, make: Make) -> None:
        self.fingerprint = fingerprint
        self._make = make
        self._kept: OrderedDict[Which, tuple[bytes, bytes]] = OrderedDict()
        self._making: dict[tuple[Which, bytes], asyncio.Task[bytes]] = {}
        self._one_at_a_time = asyncio.Semaphore(1)

    def forget(self) -> None:
        """Keep nothing: something was taken back."""
        self._kept.clear()

    async def close(self) -> None:
        """Stop what is being made."""
        tasks = list(self._making.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def get(self, which: Which) -> bytes:
        """The pack as things are now; raises Busy where too many are wanted at once."""
        while True:
            same = await self.fingerprint(which.country)
            known = self._kept.get(which)
            if known and known[0] == same:
                self._kept.move_to_end(which)
                return known[1]
            made = await asyncio.shield(self._task(which, same))
            if await self.fingerprint(which.country) == same:  # nothing was taken back meanwhile
                self._keep(which, same, made)
                return made

    async def kilobytes(self, which: Which, *, within: float) -> int | None:
        """How large it is, rounded up; None where that cannot be known within some seconds."""
        try:
            return -(-len(await asyncio.wait_for(self.get(which), within)) // 1000)
        except (TimeoutError, Busy):
            return None

    def _task(self, which: Which, same: bytes) -> asyncio.Task[bytes]:
        key = (which, same)
        if key not in self._making:
            if len(self._making) >= MOST_WAITING:
                raise Busy
            task = self._making[key] = asyncio.ensure_future(self._made(which))
            task.add_done_callback(lambda done: self._done(key, done))
        return self._making[key]

    def _done(self, key: tuple[Which, bytes], task: asyncio.Task[bytes]) -> None:
        del self._making[key]
        if not task.cancelled():
            task.exception()  # told to whoever waits; nobody may be waiting any more

    async def _made(self, which: Which) -> bytes:
        async with self._one_at_a_time:
            return await self._make(which)

    def _keep(self, which: Which, same: bytes, made: bytes) -> None:
        self._kept[which] = (same, made)
        self._kept.move_to_end(which)
        while sum(len(kept) for _, kept in self._kept.values()) > MOST_BYTES:
            self._kept.popitem(last=False)
