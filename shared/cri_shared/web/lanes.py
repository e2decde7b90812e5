"""Lanes: who comes faster than people do waits a little; a shared address shuts nobody out.

What is known of a visitor is a hash under a secret of this process and day, in memory alone. Each
process counts for itself, so what holds for all together is divided by how many there are.
"""

import asyncio
import datetime as dt
import hashlib
import ipaddress
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from fastapi import Request

from cri_shared import clock
from cri_shared.errors import Busy
from cri_shared.settings import LOOPBACK

MAX_LANES = 20_000
MAX_WAITING = 500
_ALL = ""


@dataclass(frozen=True)
class Pace:
    """So many at once, and then one every so many seconds; who is faster waits for their turn."""

    at_once: int
    seconds: float

    def shared_by(self, processes: int) -> "Pace":
        """The part of one of several processes."""
        return Pace(max(self.at_once // processes, 1), self.seconds * processes)


@dataclass(frozen=True)
class Lane:
    """What visitors do at one door: how fast from one address, and how long they wait at most."""

    name: str
    each: Pace
    longest: float


@dataclass(frozen=True)
class Guarded(Lane):
    """A door behind which something can be guessed: all failed tries together have a pace too."""

    all: Pace


@dataclass
class Attempt:
    """A try at a secret; one that succeeded does not count."""

    succeeded: bool = False


class Turns:
    """When each of many has their next turn (the generic cell rate algorithm, ATM Forum 1996)."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._free_at: dict[tuple[str, str], float] = {}

    def wait(self, key: tuple[str, str], pace: Pace) -> float:
        """Seconds until the next turn, which is not taken yet."""
        ahead = self._free_at.get(key, 0.0) - self._now()
        return max(ahead - (pace.at_once - 1) * pace.seconds, 0.0)

    def take(self, key: tuple[str, str], pace: Pace) -> None:
        """Take the next turn."""
        if len(self._free_at) >= MAX_LANES:
            self._forget()
        # A lane that moves to the end is not forgotten before those that nobody uses.
        free_at = max(self._free_at.pop(key, 0.0), self._now())
        self._free_at[key] = free_at + pace.seconds

    def give_back(self, key: tuple[str, str], pace: Pace) -> None:
        """Undo one `take`."""
        if key in self._free_at:
            self._free_at[key] -= pace.seconds

    def _forget(self) -> None:
        now = self._now()
        self._free_at = {key: free for key, free in self._free_at.items() if free > now}
        while len(self._free_at) >= MAX_LANES:
            del self._free_at[next(iter(self._free_at))]


@dataclass
class Lanes:
    """The lanes of one process."""

    processes: int = 1
    turns: Turns = field(default_factory=Turns)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _waiting: int = 0
    _salt: tuple[dt.date, bytes] = (dt.date.min, b"")

    async def slow(self, lane: Lane, request: Request) -> None:
        """Let a visitor who is too fast wait, and then go on: nobody is refused."""
        who = self._who(request)
        if who is None:
            return
        key = (lane.name, who)
        wait = self.turns.wait(key, lane.each)
        if wait <= lane.longest:  # beyond it the line grows no longer: all wait as long
            self.turns.take(key, lane.each)
        await self._pause(min(wait, lane.longest))

    @asynccontextmanager
    async def trying(self, lane: Guarded, request: Request) -> AsyncIterator[Attempt]:
        """A try at a secret, when its turn has come; raises `Busy` where the line is too long.

        Failed tries count, by address and together; the address comes first, so that nobody takes
        the turns of all others alone.
        """
        taken = [((lane.name, _ALL), lane.all.shared_by(self.processes))]
        if (who := self._who(request)) is not None:
            taken.insert(0, ((lane.name, who), lane.each))
        wait = max(self.turns.wait(key, pace) for key, pace in taken)
        if wait > lane.longest:
            raise Busy
        for key, pace in taken:
            self.turns.take(key, pace)
        attempt = Attempt()
        try:
            await self._pause(wait)
            yield attempt
        finally:
            if attempt.succeeded:
                for key, pace in taken:
                    self.turns.give_back(key, pace)

    async def _pause(self, seconds: float) -> None:
        if seconds <= 0:
            return
        if self._waiting >= MAX_WAITING:
            raise Busy
        self._waiting += 1
        try:
            await self.sleep(seconds)
        finally:
            self._waiting -= 1

    def _who(self, request: Request) -> str | None:
        """Whom a lane is for; None for this machine itself, which a proxy may speak from."""
        host = request.client.host if request.client else "127.0.0.1"
        if host in LOOPBACK:
            return None
        today = clock.today()
        if self._salt[0] != today:
            self._salt = (today, secrets.token_bytes(32))
        return hashlib.blake2b(_home(host).encode(), key=self._salt[1], digest_size=16).hexdigest()


def _home(host: str) -> str:
    """An IPv6 home has 2^64 addresses: all of them are one visitor."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host


def slowed(lane: Lane) -> Callable[[Request], Awaitable[None]]:
    """A dependency for routes on which who is too fast waits."""

    async def wait(request: Request) -> None:
        await lanes_of(request).slow(lane, request)

    return wait


def lanes_of(request: Request) -> Lanes:
    """The lanes of the process that a request came to."""
    lanes: Lanes = request.app.state.lanes
    return lanes
