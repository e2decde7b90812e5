"""The nursery: a process that loads once what commands of ours share, and which they are copies of.

    python -P -m cri_stack.nursery

Its standard input is a socket. A message is either names of modules to load, or a byte with two
files: where a copy reads what it is to be, and where what it says goes. The answer to that is the
id of the copy, which is the child of whoever adopts orphans above (`cri up`).

Its environment holds nothing of ours, and what a copy is told goes past it: so no copy has in its
memory what another was told.
"""

import gc
import importlib
import json
import os
import socket
import sys
from importlib.metadata import entry_points
from pathlib import Path

from cri_shared.processes import die_with_parent
from setproctitle import setproctitle, setthreadtitle

_LONGEST = 4096  # bytes of a message


def main() -> None:
    """Do what is asked until nobody asks any more; in a copy, be what it is told to be."""
    keeper = os.getppid()
    scripts = entry_points(group="console_scripts")
    files = _serve(socket.socket(fileno=sys.stdin.fileno()))
    if files is not None:
        sys.exit(scripts[_become(keeper, *files)].load()())


def _serve(asked: socket.socket) -> tuple[int, int] | None:
    """Serve until there is no more; in a copy, give its two files."""
    while True:
        said, files, _, _ = socket.recv_fds(asked, _LONGEST, 2)
        if files:
            copy = _copied()
            if copy is None:
                asked.detach()  # its number is to be the copy's standard input
                return files[0], files[1]
            asked.send(str(copy).encode())
            for file in files:
                os.close(file)
        elif not said:
            return None
        else:
            for name in said.decode().split():
                importlib.import_module(name)


def _copied() -> int | None:
    """Make a copy, and give its id; None in the copy itself, which goes on when it is an orphan.

    It becomes one by the end of a process between, which has nothing else to do.
    """
    gc.freeze()  # or each copy would write all over what it shares, looking through it
    here, there = socket.socketpair()
    if between := os.fork():
        there.close()
        os.waitpid(between, 0)
        with here:
            return int(here.recv(32))
    here.close()
    with there:
        if copy := os.fork():
            there.send(str(copy).encode())
            os._exit(0)
        there.recv(1)  # until nobody holds the other end
    return None


def _become(keeper: int, told: int, out: int) -> str:
    """Be the process that was asked for, as if it had been started by its name; gives that name.

    Its code is loaded when that is so: it may look at its environment and at its words.
    """
    die_with_parent()
    with open(told, "rb") as file:
        wish = file.read()
    if os.getppid() != keeper or not wish:
        sys.exit("nobody waits for this process any more")
    os.setsid()  # Ctrl-C is for whoever keeps it to hand on, in order
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, source in enumerate((nothing, out, out)):
        os.dup2(source, number)
    os.close(nothing)
    os.close(out)
    command, environment = json.loads(wish)
    name = Path(command[0]).name
    setproctitle(" ".join([sys.executable, *command]))  # before its environment: they are beside
    setthreadtitle(name)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = command
    return name


if __name__ == "__main__":
    main()
