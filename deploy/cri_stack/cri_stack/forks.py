"""Processes that are copies of the nursery's: they begin with what all of them load, loaded."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from cri_shared.processes import adopt_orphans, die_with_parent

from cri_stack.logs import Logs

NURSERY = "nursery"
OURS = "CRI_"  # how every setting of ours begins


class NurseryEnded(Exception):
    """The nursery ended, and begins nothing any more; says where it left its words."""


class Fork:
    """A process that was forked and is our child now."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = asyncio.Event()
        self._handle = os.pidfd_open(pid)
        asyncio.get_running_loop().add_reader(self._handle, self._take_leave)

    async def wait(self) -> int:
        """Wait for its end; gives its exit status, negative for the signal that ended it."""
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def terminate(self) -> None:
        """Ask it to end, where it has not."""
        if self.returncode is None:
            os.kill(self.pid, signal.SIGTERM)

    def _take_leave(self) -> None:
        asyncio.get_running_loop().remove_reader(self._handle)
        os.close(self._handle)
        _, status = os.waitpid(self.pid, 0)
        self.returncode = os.waitstatus_to_exitcode(status)
        self._ended.set()


class Nursery:
    """The nursery of one `cri up`; what is asked of it is done in that order."""

    def __init__(self, asking: socket.socket, log: Path) -> None:
        self._asking = asking
        self._log = log
        self._turn = asyncio.Lock()

    def load(self, *modules: str) -> None:
        """Let it load modules, before it does what is asked after this."""
        with suppress(OSError):  # who asks for a process hears of its end
            self._asking.send(" ".join(modules).encode())

    async def begin(self, command: list[str], environment: Mapping[str, str], out: int) -> Fork:
        """Begin a command that a package of ours installed; `out` takes what it says.

        Raises `NurseryEnded`.
        """
        telling, told = socket.socketpair()
        with telling:
            with told:
                async with self._turn:
                    pid = await self._ask(told.fileno(), out)
            with suppress(OSError):  # it has ended, and who waits for it hears that
                telling.sendall(json.dumps((command, dict(environment))).encode())
        return Fork(pid)

    async def run(self, command: list[str], environment: Mapping[str, str]) -> tuple[int, bytes]:
        """Run a command to its end, as `begin` begins it; gives its exit status and words."""
        heard, said = socket.socketpair()
        with heard:
            with said:
                process = await self.begin(command, environment, said.fileno())
            reader, writer = await asyncio.open_unix_connection(sock=heard)
            try:
                words = await reader.read()
                return await process.wait(), words
            finally:
                writer.close()
                process.terminate()
                await process.wait()

    async def _ask(self, told: int, out: int) -> int:
        with suppress(OSError):
            socket.send_fds(self._asking, [b"."], [told, out])
            answer = await asyncio.get_running_loop().sock_recv(self._asking, 32)
            if answer:
                return int(answer)
        raise NurseryEnded(f"What services share could not be loaded; see {self._log}")


@asynccontextmanager
async def nursery(environ: Mapping[str, str], logs: Logs) -> AsyncIterator[Nursery]:
    """A nursery for as long as something begins; what began in it is ours and stays (Linux).

    It is given what the operator's environment says to everybody, and no setting of ours.
    """
    known = {name: value for name, value in environ.items() if not name.startswith(OURS)}
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.setblocking(False)
    with ours, logs.taking(NURSERY) as out:
        with theirs:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "cri_stack.nursery"),
                env=known,
                stdin=theirs.fileno(),
                stdout=out,
                stderr=out,
                preexec_fn=die_with_parent,
                start_new_session=True,
            )
        adopt_orphans(True)
        try:
            yield Nursery(ours, logs.file(NURSERY))
        finally:
            with suppress(ProcessLookupError):
                process.kill()  # it has nothing to bring to an end
            await process.wait()
            adopt_orphans(False)
