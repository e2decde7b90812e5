"""When what happens: faults of every kind, one or two at a time, at moments of chance."""

import asyncio
import contextlib
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from tests.faults.house import House
from tests.faults.kinds.fault import Fault, NotStruck

TWO_AT_ONCE = 0.3  # of the times
REST = (0.5, 3.0)
MORE_HEALING = 180.0  # seconds after which healing is given up: ten times a backlog takes a while


@dataclass
class Record:
    """What one kind of fault did: how often, and the longest time in seconds until all was well."""

    injected: int = 0
    heal_seconds: float = 0.0


@dataclass
class Schedule:
    """Injects faults into a house until the work is over, each once before any twice.

    `last` happens when all came in. `rest` are the least and the most seconds between two times.
    `healed` waits until all that went in before is through, and gives whether it was in time.
    """

    house: House
    faults: Sequence[Fault]
    seed: int
    healed: Callable[[], Awaitable[bool]]
    rest: tuple[float, float] = REST
    last: Fault | None = None
    records: dict[str, Record] = field(default_factory=dict)
    unhealed: list[str] = field(default_factory=list)

    async def run(self, over: asyncio.Event) -> None:
        """Go on until the work is over; what has not happened by then happens afterwards."""
        dice = random.Random(self.seed)
        waiting = self._shuffled(dice)
        while waiting:
            await _within(dice.uniform(*self.rest), over)
            await self._strike(_some(waiting, dice), dice)
            if over.is_set():
                waiting = [one for one in waiting if one.name not in self.records]
            elif not waiting:
                waiting = self._shuffled(dice)
        if self.last is not None:
            await self._strike([self.last], dice)

    def _shuffled(self, dice: random.Random) -> list[Fault]:
        return dice.sample(list(self.faults), len(self.faults))

    async def _strike(self, faults: list[Fault], dice: random.Random) -> None:
        begun: list[Fault] = []
        try:
            for fault in faults:
                with contextlib.suppress(NotStruck):
                    await fault.inject(self.house, dice)
                    begun.append(fault)
            await asyncio.sleep(max((dice.uniform(*one.lasts) for one in begun), default=0))
        finally:
            for fault in reversed(begun):
                await fault.heal(self.house)
        began = time.monotonic()
        well = await self.healed()
        for fault in begun:
            record = self.records.setdefault(fault.name, Record())
            record.injected += 1
            record.heal_seconds = max(record.heal_seconds, time.monotonic() - began)
            self.unhealed += [] if well else [fault.name]


def _some(waiting: list[Fault], dice: random.Random) -> list[Fault]:
    """Take the next fault from those that wait, now and then with one in another place."""
    first = waiting.pop()
    other = next((one for one in waiting if not one.touches & first.touches), None)
    if other is None or dice.random() > TWO_AT_ONCE:
        return [first]
    waiting.remove(other)
    return [first, other]


async def _within(seconds: float, over: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), seconds)
