"""What a fault is: it begins at a moment, lasts for a while, and ends."""

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Protocol

from tests.faults.house import House


class NotStruck(Exception):
    """A fault could not begin where nobody came by."""


class Fault(Protocol):
    """One kind of fault in one place; the same object serves for many times.

    `touches` names what it takes hold of: two faults that share any of it never happen at once.
    `lasts` is the least and the most seconds from the injection to the healing in a long run.
    """

    @property
    def name(self) -> str:
        """The kind, as the report has it."""
        ...

    @property
    def touches(self) -> frozenset[str]:
        """Services, `nats`, `postgresql` or `disk`."""
        ...

    @property
    def lasts(self) -> tuple[float, float]:
        """Seconds."""
        ...

    async def inject(self, house: House, dice: random.Random) -> None:
        """Let it begin; raises `NotStruck` where it did not."""
        ...

    async def heal(self, house: House) -> None:
        """Let its cause be gone; what fell is started again by the house."""
        ...


class InOnePlace:
    """A fault that takes hold of one thing alone."""

    place: str

    @property
    def touches(self) -> frozenset[str]:
        """That thing."""
        return frozenset({self.place})


@asynccontextmanager
async def struck(house: House, *faults: Fault, seed: int = 1) -> AsyncIterator[None]:
    """Faults that last as long as the block."""
    dice = random.Random(seed)
    begun: list[Fault] = []
    try:
        for fault in faults:
            begun.append(fault)
            await fault.inject(house, dice)
        yield
    finally:
        for fault in reversed(begun):
            await fault.heal(house)
        await house.start()
