"""No room: on the disk of the services or of nats-server, for their files, or in a stream."""

import asyncio
import contextlib
import random
import resource
import sqlite3
from dataclasses import dataclass, field

from nats.js.api import StreamConfig

from tests.faults.house import House
from tests.faults.kinds.fault import InOnePlace


@dataclass
class DiskFull(InOnePlace):
    """The file system of every service's files (databases on SQLite, keys, mails, logs) is full.

    Needs the right to mount; what is written gets ENOSPC.
    """

    name: str = "disk full (services)"
    place: str = "disk"
    lasts: tuple[float, float] = (1.0, 4.0)

    async def inject(self, house: House, _dice: random.Random) -> None:
        """Fill it, when every database has moved its log into its file, as now and then it does."""
        for database in (house.directory / "house").glob("*.db"):
            with contextlib.closing(sqlite3.connect(database, timeout=1)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        await asyncio.to_thread(house.disks["house"].fill)

    async def heal(self, house: House) -> None:
        """Make room."""
        await asyncio.to_thread(house.disks["house"].free)


@dataclass
class FilesLimited(InOnePlace):
    """A service's processes may not write files any more (RLIMIT_FSIZE): they get EFBIG."""

    place: str
    lasts: tuple[float, float] = (1.0, 4.0)

    @property
    def name(self) -> str:
        """The kind, as the report has it."""
        return f"no room for files of {self.place}"

    async def inject(self, house: House, _dice: random.Random) -> None:
        """Forbid it."""
        self._limit(house, 0)

    async def heal(self, house: House) -> None:
        """Allow it again."""
        self._limit(house, resource.RLIM_INFINITY)

    def _limit(self, house: House, size: int) -> None:
        for one in house.services[self.place]:
            if one.running:
                resource.prlimit(one.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@dataclass
class StreamFull(InOnePlace):
    """A stream has no room beyond what it holds: it refuses what is published."""

    place: str = "nats"
    name: str = "streams full"
    lasts: tuple[float, float] = (1.0, 6.0)
    _before: list[StreamConfig] = field(default_factory=list, init=False)

    async def inject(self, house: House, _dice: random.Random) -> None:
        """Shrink every stream to what it holds."""
        async with house.jetstream() as js:
            for stream in await js.streams_info():
                self._before.append(stream.config)
                size = max(stream.state.bytes, 1)
                await js.update_stream(stream.config.evolve(max_bytes=size))

    async def heal(self, house: House) -> None:
        """Give them their room again."""
        async with house.jetstream() as js:
            while self._before:
                await js.update_stream(self._before.pop())


@dataclass
class NatsDiskFull(InOnePlace):
    """The file system of nats-server is full.

    It then stops JetStream until somebody starts it again, so that is what the healing does.
    """

    place: str = "nats"
    name: str = "disk full (nats)"
    lasts: tuple[float, float] = (1.0, 4.0)

    async def inject(self, house: House, _dice: random.Random) -> None:
        """Fill it."""
        await asyncio.to_thread(house.disks["nats"].fill)

    async def heal(self, house: House) -> None:
        """Make room, and start nats-server again as an operator must."""
        await asyncio.to_thread(house.disks["nats"].free)
        await asyncio.to_thread(house.nats.stop)
        house.nats.start()  # on this thread: it ends when the one that started it does
