"""Parts that are not there: killed without warning, stopped in order, or frozen as they are."""

import asyncio
import random
from dataclasses import dataclass, field

from cri_shared.testing.commands import ServiceProcess

from tests.faults.house import ACK_WAIT, House
from tests.faults.kinds.fault import InOnePlace

NATS = "nats"


@dataclass
class Killed(InOnePlace):
    """SIGKILL to one process of a service, or to nats-server."""

    place: str
    lasts: tuple[float, float] = (0.2, 2.0)
    _victim: ServiceProcess | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        """The kind, as the report has it."""
        return f"SIGKILL {self.place}"

    async def inject(self, house: House, dice: random.Random) -> None:
        """Kill one."""
        if self.place == NATS:
            await asyncio.to_thread(house.nats.kill)
            return
        self._victim = dice.choice(house.services[self.place])
        house.held.add(self._victim)
        await asyncio.to_thread(self._victim.kill)

    async def heal(self, house: House) -> None:
        """Start it again."""
        if self._victim is None:
            house.nats.start()  # on this thread: it ends when the one that started it does
        else:
            house.held.discard(self._victim)
            await house.start()


@dataclass
class Stopped(InOnePlace):
    """Every process of a service is stopped for long, while a backlog grows."""

    place: str
    lasts: tuple[float, float] = (12.0, 20.0)

    @property
    def name(self) -> str:
        """The kind, as the report has it."""
        return f"backlog of {self.place}"

    async def inject(self, house: House, _dice: random.Random) -> None:
        """Stop them as an operator would."""
        victims = house.services[self.place]
        house.held.update(victims)
        await asyncio.gather(*(asyncio.to_thread(one.stop) for one in victims))

    async def heal(self, house: House) -> None:
        """Start them again."""
        house.held.difference_update(house.services[self.place])


@dataclass
class Frozen(InOnePlace):
    """SIGSTOP to one process of a service, or to nats-server: nothing closes, nothing answers.

    It lasts longer than the stream waits for an acknowledgement.
    """

    place: str
    lasts: tuple[float, float] = (ACK_WAIT + 0.5, ACK_WAIT + 3.0)
    _victim: ServiceProcess | None = field(default=None, init=False)

    @property
    def name(self) -> str:
        """The kind, as the report has it."""
        return f"SIGSTOP {self.place}"

    async def inject(self, house: House, dice: random.Random) -> None:
        """Freeze one."""
        if self.place == NATS:
            house.nats.pause()
            return
        self._victim = dice.choice(house.services[self.place])
        self._victim.pause()

    async def heal(self, house: House) -> None:
        """Let it go on."""
        if self._victim is None:
            house.nats.resume()
        else:
            self._victim.resume()


@dataclass
class PostgresRestarted(InOnePlace):
    """PostgreSQL ends, `fast` in order or at once, and comes back."""

    fast: bool
    place: str = "postgresql"
    lasts: tuple[float, float] = (0.2, 2.0)

    @property
    def name(self) -> str:
        """The kind, as the report has it."""
        return f"PostgreSQL {'fast' if self.fast else 'immediate'} restart"

    async def inject(self, house: House, _dice: random.Random) -> None:
        """Stop it."""
        assert house.postgres is not None
        await asyncio.to_thread(house.postgres.stop, fast=self.fast)

    async def heal(self, house: House) -> None:
        """Start it again."""
        assert house.postgres is not None
        await asyncio.to_thread(house.postgres.restart)
