"""Processes under care: started in order, started again when they die, stopped in order."""

import asyncio
import contextlib
import os
import signal
import time
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from cri_shared.processes import die_with_parent

from cri_stack.logs import Logs

GRACE_SECONDS = 4.0
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 15.0
STEADY_SECONDS = 30.0
POLL_SECONDS = 0.05

Say = Callable[[str], None]
Ready = Callable[[], Awaitable[bool]]
Note = Callable[[str, int], None]


class Running(Protocol):
    """A process that we began."""

    @property
    def pid(self) -> int:
        """Its id."""

    @property
    def returncode(self) -> int | None:
        """Its exit status, negative for the signal that ended it; None as long as it runs."""

    async def wait(self) -> int:
        """Wait for its end; gives that status."""


Begin = Callable[[list[str], Mapping[str, str], int], Awaitable[Running]]


async def execute(command: list[str], environment: Mapping[str, str], out: int) -> Process:
    """Begin a process from nothing, with the code that lies on the disk; `out` takes its words."""
    return await asyncio.create_subprocess_exec(
        *command,
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=out,
        stderr=out,
        preexec_fn=die_with_parent,
        start_new_session=True,  # Ctrl-C is ours to hand on, in order
    )


class NotReady(Exception):
    """A part did not come up in time."""


@dataclass
class Part:
    """One part of the platform: how it is started, and how it shows that it is ready."""

    name: str
    command: list[str]
    environment: Mapping[str, str]
    ready: Ready
    process: Running | None = None
    pause: float = FIRST_PAUSE
    started: float = 0.0
    restarts: int = 0
    keeping: asyncio.Task[None] | None = field(default=None, repr=False)


class Supervisor:
    """Keeps parts running until it is told to stop."""

    def __init__(self, say: Say, logs: Logs, note: Note = lambda _part, _pid: None) -> None:
        self._say = say
        self._logs = logs
        self._note = note  # is told of each process that was started
        self._parts: list[Part] = []

    async def start(self, part: Part, begin: Begin = execute) -> None:
        """Start a part and look after it from now on.

        `begin` makes its first process alone: each after it may be of a newer release.
        """
        self._parts.append(part)
        await self._launch(part, begin)
        part.keeping = asyncio.create_task(self._keep(part), name=part.name)

    async def wait_ready(self, part: Part, seconds: float) -> float:
        """Wait until a part is ready; gives how long that took. Raises `NotReady`."""
        began = part.started
        while not await part.ready():
            if time.monotonic() - began > seconds:
                where = self._logs.file(part.name)
                raise NotReady(f"{part.name} is not ready after {seconds:.0f} s; see {where}")
            await asyncio.sleep(POLL_SECONDS)
        return time.monotonic() - began

    async def stop(self) -> None:
        """Stop the last started first, those of one kind together; kill what does not listen."""
        for part in self._parts:
            if part.keeping is not None:
                part.keeping.cancel()
        for group in reversed(self._groups()):
            await asyncio.gather(*(self._end(part) for part in group))

    def _groups(self) -> list[list[Part]]:
        """The parts in waves: the services stop together, what they stand on after them."""
        below = [part for part in self._parts if part.name in ("nats", "index")]
        return [below, [part for part in self._parts if part not in below]]

    async def _launch(self, part: Part, begin: Begin = execute) -> None:
        with self._logs.taking(part.name) as out:
            part.process = await begin(part.command, part.environment, out)
        part.started = time.monotonic()
        self._note(part.name, part.process.pid)

    async def _keep(self, part: Part) -> None:
        while part.process is not None:
            status = await part.process.wait()
            if time.monotonic() - part.started > STEADY_SECONDS:
                part.pause = FIRST_PAUSE
            self._say(f"{part.name} ended ({ending(status)}); starting it again")
            await asyncio.sleep(part.pause)
            part.pause = min(part.pause * 2, LONGEST_PAUSE)
            part.restarts += 1
            await self._launch(part)

    async def _end(self, part: Part) -> None:
        process = part.process
        if process is not None and process.returncode is None:
            _signal(process, signal.SIGTERM)
            try:
                await asyncio.wait_for(process.wait(), GRACE_SECONDS)
            except TimeoutError:
                self._say(f"{part.name} did not stop in time and was killed")
                _signal(process, signal.SIGKILL)
                await process.wait()
        if part.keeping is not None:
            await asyncio.gather(part.keeping, return_exceptions=True)


def _signal(process: Running, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process.pid, number)


def ending(status: int) -> str:
    """How a process ended, in words."""
    if status < 0:
        with contextlib.suppress(ValueError):
            return f"killed by {signal.Signals(-status).name}"
    return f"exit status {status}"
