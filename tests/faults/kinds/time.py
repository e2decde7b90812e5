"""Clocks that go wrong, and a hearer that is slow."""

import asyncio
import contextlib
import datetime as dt
import random
from dataclasses import dataclass, field

from cri_shared import clock
from nats.js.api import ConsumerConfig

from tests.faults.house import House
from tests.faults.kinds.fault import InOnePlace

AWAKE_SECONDS, ASLEEP_SECONDS = 0.05, 0.2
FEW = 4  # messages that may be under way to a slow hearer


@dataclass
class ClockMoved(InOnePlace):
    """The clock of one service is days ahead, or behind."""

    place: str
    days: int
    lasts: tuple[float, float] = (2.0, 5.0)

    @property
    def name(self) -> str:
        """The kind, as the report has it."""
        return f"clock {self.days:+} day ({self.place})"

    async def inject(self, house: House, _dice: random.Random) -> None:
        """Set it wrong."""
        at = clock.now() + dt.timedelta(days=self.days)
        clock.set_demo_clock(house.clock(self.place), at)

    async def heal(self, house: House) -> None:
        """Set it right."""
        clock.set_demo_clock(house.clock(self.place), clock.now())


@dataclass
class Slow(InOnePlace):
    """A service gets a fifth of its time, and may have few messages under way."""

    place: str
    lasts: tuple[float, float] = (4.0, 8.0)
    _braking: "asyncio.Task[None] | None" = field(default=None, init=False)
    _before: list[tuple[str, ConsumerConfig]] = field(default_factory=list, init=False)

    @property
    def name(self) -> str:
        """The kind, as the report has it."""
        return f"slow {self.place}"

    @property
    def touches(self) -> frozenset[str]:
        """The service, and its place at nats-server."""
        return frozenset({self.place, "nats"})

    async def inject(self, house: House, _dice: random.Random) -> None:
        """Slow it down."""
        async with house.jetstream() as js:
            for stream, durable in house.durables:
                if durable == self.place:
                    config = (await js.consumer_info(stream, durable)).config
                    self._before.append((stream, config))
                    await js.add_consumer(stream, config.evolve(max_ack_pending=FEW))
        self._braking = asyncio.create_task(self._brake(house))

    async def _brake(self, house: House) -> None:
        processes = house.services[self.place]
        try:
            while True:
                for one in processes:
                    one.pause()
                await asyncio.sleep(ASLEEP_SECONDS)
                for one in processes:
                    one.resume()
                await asyncio.sleep(AWAKE_SECONDS)
        finally:
            for one in processes:
                one.resume()

    async def heal(self, house: House) -> None:
        """Let it run."""
        if self._braking is not None:
            self._braking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._braking
        async with house.jetstream() as js:
            while self._before:
                stream, config = self._before.pop()
                await js.add_consumer(stream, config)
