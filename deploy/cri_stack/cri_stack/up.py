"""`cri up`: the whole platform as processes of this machine, in good order."""

import asyncio
import contextlib
import fcntl
import os
import signal
import time
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

import psutil
from cri_shared.processes import answers, script

from cri_stack import mail_page
from cri_stack.forks import Nursery, NurseryEnded, nursery
from cri_stack.health import answers_well, ask, reasons_in, stands
from cri_stack.layout import SERVICES, Layout
from cri_stack.logs import Logs, LogSettings
from cri_stack.ports import check_ports
from cri_stack.running import ITSELF, write_down
from cri_stack.status import services
from cri_stack.supervisor import NotReady, Part, Say, Supervisor

READY_SECONDS = 60.0
# What making databases takes, and then what all services share.
# What the nursery loads: what every service loads, for each holds all of it. Verbs load their own.
MAKING = ("cri_stack.bus", "cri_shared.identity")
SHARED = (
    "cri_shared.cli",
    "cri_shared.privacy.gate",
    "cri_shared.web.app",
    "cri_shared.web.server",
)


class AlreadyRunning(Exception):
    """Another `cri up` works in this directory."""


class PreparationFailed(Exception):
    """Keys, databases, streams or index keys could not be made."""


def up(layout: Layout, say: Say) -> int:
    """Run the platform until Ctrl-C or SIGTERM; gives the exit status.

    Raises `AlreadyRunning`, `PortTaken` or `LogsUnusable`.
    """
    logs = Logs(layout.logs, LogSettings.told(layout.environ))
    layout.var.mkdir(parents=True, exist_ok=True, mode=0o700)
    layout.logs.mkdir(exist_ok=True, mode=0o700)
    with alone(layout):
        check_ports(layout)
        layout.remember()
        with mail_page.served(layout):
            return asyncio.run(_up(layout, logs, say))


@contextmanager
def alone(layout: Layout) -> Iterator[None]:
    """While nobody else runs the platform of a directory; raises `AlreadyRunning`."""
    with (layout.var / "up.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"CRI runs in {layout.var} already.") from None
        yield


async def _up(layout: Layout, logs: Logs, say: Say) -> int:
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    write_down(layout, ITSELF, os.getpid())
    supervisor = Supervisor(say, logs, partial(_note, layout))
    keeping = asyncio.create_task(logs.keep())
    starting = asyncio.create_task(_start(layout, supervisor, logs, say))
    waiting = asyncio.create_task(stopped.wait())
    status = 0
    try:
        await asyncio.wait({starting, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            await stopped.wait()
    except (NotReady, PreparationFailed, NurseryEnded) as trouble:
        say(str(trouble))
        status = 1
    finally:
        tasks = (keeping, starting, waiting)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        say("Stopping.")
        began = time.monotonic()
        await supervisor.stop()
        logs.close()
        say(f"Stopped in {time.monotonic() - began:.1f} s.")
    return status


def _note(layout: Layout, part: str, pid: int) -> None:
    """Write a process down; one that ended at once is not worth a word, nor is a full disk."""
    with contextlib.suppress(psutil.Error, OSError):
        write_down(layout, part, pid)


async def _start(layout: Layout, supervisor: Supervisor, logs: Logs, say: Say) -> None:
    began = time.monotonic()
    async with nursery(layout.environ, logs) as young:
        await _prepare(layout, supervisor, logs, say, young)
        parts = [_service(layout, name) for name in SERVICES]
        for part in parts:
            await supervisor.start(part, young.begin)
    await asyncio.gather(*(_tell_stands(supervisor, part, layout, say) for part in parts))
    say(f"{'mail':<11} ready   {layout.url('mail')}")
    for troubled in await asyncio.to_thread(services, layout):
        if troubled.reasons:
            say(f"{troubled.name:<11} {troubled.status}: {', '.join(troubled.reasons)}")
    say(f"CRI is up after {time.monotonic() - began:.1f} s: {layout.url('search')}/")


async def _prepare(
    layout: Layout, supervisor: Supervisor, logs: Logs, say: Say, young: Nursery
) -> None:
    """Begin what services stand on; the nursery loads what they share while databases are made."""
    run = partial(_run, young, layout, logs)
    young.load(*MAKING)
    index, nats = _index(layout), _nats(layout)
    await supervisor.start(index)
    tell_ready = partial(_tell_ready, supervisor, layout=layout, say=say)
    async with _meanwhile(run("prepare")) as prepared, _meanwhile(tell_ready(index)) as told:
        await run("nats-config")
        await supervisor.start(nats)
        young.load(*SHARED)
        await asyncio.gather(told, tell_ready(nats))
        await run("provision")
        await prepared
    say(f"{'keys':<11} ready   databases, streams and index keys are up to date")


@asynccontextmanager
async def _meanwhile(work: Coroutine[Any, Any, None]) -> AsyncIterator[asyncio.Task[None]]:
    """Let work be done while something else is, and no longer."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _tell_ready(supervisor: Supervisor, part: Part, layout: Layout, say: Say) -> None:
    took = await supervisor.wait_ready(part, READY_SECONDS)
    say(f"{part.name:<11} ready   {layout.url(part.name)}  {took:.1f} s")


async def _tell_stands(supervisor: Supervisor, part: Part, layout: Layout, say: Say) -> None:
    """The same of a service. One that says what it waits for goes on by itself when it is there."""
    try:
        await _tell_ready(supervisor, part, layout, say)
    except NotReady:
        _, told = await asyncio.to_thread(ask, f"{layout.url(part.name)}/health/ready")
        if not reasons_in(told):
            raise


def _index(layout: Layout) -> Part:
    serve = [script("cri-index"), "serve", "--port", str(layout.ports["index"])]
    return Part(
        "index",
        [*serve, "--data", str(layout.var / "index")],
        layout.environment("index"),
        partial(answers_well, f"{layout.url('index')}/health"),
    )


def _nats(layout: Layout) -> Part:
    return Part(
        "nats",
        [script("nats-server"), "-c", str(layout.nats_conf)],
        layout.environment("nats"),
        partial(_port_answers, layout.ports["nats"]),
    )


def _service(layout: Layout, name: str) -> Part:
    return Part(
        name,
        [script(f"cri-{name}"), "serve"],
        layout.environment(name),
        partial(stands, f"{layout.url(name)}/health/ready"),
    )


async def _port_answers(port: int) -> bool:
    return answers(port)


async def _run(young: Nursery, layout: Layout, logs: Logs, verb: str) -> None:
    """Run one of our own verbs as a process: what it imports is not ours to hold."""
    command = [script("cri"), verb, "--var", str(layout.var)]
    status, said = await young.run(command, layout.environment())
    logs.write(verb, said)
    if status:
        *_, last = said.decode(errors="replace").splitlines() or [""]
        raise PreparationFailed(f"cri {verb} failed: {last}\nAll of it is in {logs.file(verb)}.")
