"""Processes forked from one that has read the code already: they start at once.

A service process reads its code for two seconds before it begins. Where a test starts a service a
dozen times it is the same code each time, so one process reads it, and each service process is a
copy of that one: with its own id, environment, files and end.
"""

import gc
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn
from uuid import uuid4

import psutil
from cri_shared.processes import die_with_parent, script
from cri_shared.testing.commands import ServiceProcess
from cri_shared.testing.waiting import until


class Forked:
    """A process that was forked, known by its id."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._end = os.pidfd_open(pid)

    @property
    def running(self) -> bool:
        """Whether it has not ended."""
        return not self._ended(0)

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process."""
        if self.running:
            signal.pidfd_send_signal(self._end, number)

    def pause(self) -> None:
        """Freeze it, and wait until it is: its connections and locks stay, and it does nothing."""
        self.send(signal.SIGSTOP)
        until(self._still, what="a frozen process")

    def resume(self) -> None:
        """Let it go on where it is frozen."""
        self.send(signal.SIGCONT)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> None:
        """End the process and wait for its end; raises TimeoutError where it does not come."""
        self.send(number)
        if not self._ended(20):
            raise TimeoutError(f"process {self.pid} does not end")

    def _still(self) -> bool:
        return not self.running or psutil.Process(self.pid).status() == psutil.STATUS_STOPPED

    def _ended(self, seconds: float) -> bool:
        return bool(select.select([self._end], [], [], seconds)[0])

    def __del__(self) -> None:
        os.close(self._end)


class Forge:
    """The process that has read the code, and what it is asked for; it ends with its maker.

    `path` names directories whose code is read instead of what is installed.
    """

    def __init__(self, path: str = "") -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=os.environ | ({"PYTHONPATH": path} if path else {}),
        )

    def start(self, service: str, words: list[str], log: Path, env: dict[str, str]) -> Forked:
        """Start `cri-<service> <words>`; what it says is added to a file."""
        with self._lock:  # or its number is free again before we hold on to it
            return Forked(self._ask(service, words, log, log, env)["pid"])

    def run(self, service: str, words: list[str], said: Path, env: dict[str, str]) -> int:
        """Run `cri-<service> <words>` to its end; what it says is in `said`.out and `said`.err."""
        out, err = (said.with_suffix(suffix) for suffix in (".out", ".err"))
        with self._lock:
            return self._ask(service, words, out, err, env, wait=True)["status"]

    def close(self) -> None:
        """End it, and with it whatever it started."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(20)
        self._process.stdout.close()

    def _ask(
        self,
        service: str,
        words: list[str],
        out: Path,
        err: Path,
        env: dict[str, str],
        *,
        wait: bool = False,
    ) -> dict[str, int]:
        assert self._process.stdin
        assert self._process.stdout
        wish = {"service": service, "words": words, "env": env, "wait": wait}
        said = json.dumps({**wish, "out": str(out), "err": str(err)})
        self._process.stdin.write(said.encode() + b"\n")
        self._process.stdin.flush()
        told: dict[str, int] = json.loads(self._process.stdout.readline())
        return told


class ForkedService(ServiceProcess):
    """One service under a directory, as a `ServiceProcess`, of which each process is forked."""

    def __init__(self, forge: Forge, *given: Any, **told: Any) -> None:
        super().__init__(*given, **told)
        self.forge = forge  # what makes its next process

    def run(self, *arguments: str) -> str:
        said = self.directory / f"{self.service}-{uuid4().hex}"
        if self.forge.run(self.service, list(arguments), said, self.env):
            error = said.with_suffix(".err").read_text()
            raise RuntimeError(f"cri-{self.service} {arguments[0]}: {error[-800:]}")
        return said.with_suffix(".out").read_text()

    def _begin(self, words: list[str], log: Path) -> Forked:
        return self.forge.start(self.service, words, log, self.env)


def _serve() -> None:
    """Fork a process for every line of the standard input, until there is no more."""
    for line in sys.stdin:
        wish = json.loads(line)
        module = importlib.import_module(f"cri_{wish['service']}.__main__")
        gc.freeze()  # or the copies would copy it in full, looking through it
        pid = os.fork()
        if pid == 0:
            _become(module, wish)
        told = {"pid": pid}
        if wish["wait"]:
            told["status"] = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        _bury_the_dead()
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()


def _bury_the_dead() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return


def _become(module: Any, wish: dict[str, Any]) -> NoReturn:
    """In the copy: be the command, as if it had been started by its name."""
    status = 1
    try:
        die_with_parent()
        for number, path, flags in (
            (0, os.devnull, os.O_RDONLY),
            (1, wish["out"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
            (2, wish["err"], os.O_WRONLY | os.O_CREAT | os.O_APPEND),
        ):
            opened = os.open(path, flags, 0o600)
            os.dup2(opened, number)
            os.close(opened)
        os.environ.clear()
        os.environ.update(wish["env"])
        sys.argv = [script(f"cri-{wish['service']}"), *wish["words"]]
        module.main()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    _serve()
