"""When what happens: faults of every kind, one or two at a time, at moments of chance."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.faults.house import House
from tests.faults.kinds.fault import Fault

TWO_AT_ONCE = 0.3  # of the times
MORE_HEALING = 60.0  # seconds after which healing is given up


@dataclass
class Record:
    """What one kind of fault did: how often, and the longest time in seconds until all was well."""

    injected: int = 0
    heal_seconds: float = 0.0


@dataclass
class Schedule:
    """Injects faults into a house until the work is over, each kind once before any twice.

    `rest` are the least and the most seconds between two times. `healed` waits until all that
    went in before is through, and gives whether it was in time.
    """

    house: House
    faults: Sequence[Fault]
    seed: int
    healed: Callable[[], Awaitable[bool]]
    rest: tuple[float, float] = (0.5, 3.0)
    records: dict[str, Record] = field(default_factory=dict)
    unhealed: list[str] = field(default_factory=list)

    async def run(self, over: asyncio.Event) -> None:
        """Go on until the work is over and every kind has been there."""
        dice = random.Random(self.seed)
        waiting: list[Fault] = []
        while not over.is_set() or waiting or not self.records:
            if not waiting:
                waiting = dice.sample(list(self.faults), len(self.faults))
            await _within(dice.uniform(*self.rest), over)
            await self._strike(_some(waiting, dice), dice)
            if over.is_set() and len(self.records) == len({one.name for one in self.faults}):
                return

    async def _strike(self, faults: list[Fault], dice: random.Random) -> None:
        try:
            for fault in faults:
                self.records.setdefault(fault.name, Record()).injected += 1
                await fault.inject(self.house, dice)
            await asyncio.sleep(max(dice.uniform(*fault.lasts) for fault in faults))
        finally:
            for fault in reversed(faults):
                await fault.heal(self.house)
        began = time.monotonic()
        if not await self.healed():
            self.unhealed += [fault.name for fault in faults]
        for fault in faults:
            record = self.records[fault.name]
            record.heal_seconds = max(record.heal_seconds, time.monotonic() - began)


def _some(waiting: list[Fault], dice: random.Random) -> list[Fault]:
    """Take the next fault from those that wait, now and then with one in another place."""
    first = waiting.pop()
    other = next((one for one in waiting if one.touches != first.touches), None)
    if other is None or dice.random() > TWO_AT_ONCE:
        return [first]
    waiting.remove(other)
    return [first, other]


async def _within(seconds: float, over: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), seconds)
