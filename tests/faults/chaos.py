"""Kills with SIGKILL at random moments, and starts again what was killed."""

import asyncio
import contextlib
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.house import House


@dataclass
class Chaos:
    """Who is killed, how often (`least` to `most` times), with which pauses in seconds."""

    house: House
    seed: int
    victims: Sequence[str] = ("intake", "research", "nats")
    least: int = 3
    most: int = 100_000
    rest: tuple[float, float] = (3.0, 8.0)
    down: tuple[float, float] = (0.2, 2.0)
    kills: Counter[str] = field(default_factory=Counter)

    async def reign(self, over: asyncio.Event) -> None:
        """Kill one victim after another until the work is over."""
        dice = random.Random(self.seed)
        for turn in range(self.most):
            await _pause(over if turn >= self.least else asyncio.Event(), dice.uniform(*self.rest))
            if over.is_set() and turn >= self.least:
                return
            # Each victim once before any of them twice.
            first_round = turn < len(self.victims)
            await self._kill(self.victims[turn] if first_round else dice.choice(self.victims), dice)

    async def _kill(self, victim: str, dice: random.Random) -> None:
        self.kills[victim] += 1
        if victim == "nats":
            await asyncio.to_thread(self.house.nats.kill)
            await asyncio.sleep(dice.uniform(*self.down))
            self.house.nats.start()  # on this thread: it ends when the one that started it does
        else:
            process = dice.choice(self.house.services[victim])
            await asyncio.to_thread(process.kill)
            await asyncio.sleep(dice.uniform(*self.down))
            process.start(wait=False)


async def _pause(over: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), seconds)
