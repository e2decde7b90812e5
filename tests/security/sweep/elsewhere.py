"""A platform whose services keep everything in PostgreSQL, where nobody set it up by hand.

A demo is a world of its own, which no setting reaches: what `cri` is told to run here is this
module, which puts the databases elsewhere and then is `cri`. Its people come, and nobody has asked
anything: all that there is to find is what the sweep plants.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

from cri_shared.processes import script
from cri_shared.testing.postgres import PostgresServer
from cri_stack import up
from cri_stack.demo import platform, play
from cri_stack.layout import Layout

ROOT = Path(__file__).parents[3]
STORES = (
    "identity",
    *("intake", "research", "publishing", "search", "training"),
    *("intake-keys", "research-keys", "publishing-keys", "search-keys", "training-keys"),
)


def url_of(port: int, store: str) -> str:
    """Where a store lies."""
    return f"postgresql+asyncpg://postgres@127.0.0.1:{port}/{store}"


def command(directory: Path, server: PostgresServer) -> Path:
    """A command that is `cri` on this server, whose databases are made."""
    for store in STORES:
        server.create_database(store)
    path = directory / "cri-elsewhere"
    itself = f"{sys.executable} -m tests.security.sweep.elsewhere {server.port} {path}"
    path.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {itself} "$@"\n')
    path.chmod(0o700)
    return path


@contextmanager
def put(port: int, cri: Path) -> Iterator[None]:
    """Whatever is started from this process keeps its rows there."""

    def database_url(_layout: Layout, store: str) -> str:
        return url_of(port, store)

    def named(name: str) -> str:
        return str(cri) if name == "cri" else script(name)

    with (
        patch.object(Layout, "database_url", database_url),
        patch.object(platform, "script", named),
        patch.object(up, "script", named),
    ):
        yield


def main() -> None:
    """Be `cri`."""
    from cri_stack.__main__ import main as cri

    port, path, *words = sys.argv[1:]
    sys.argv = ["cri", *words]
    nothing = {"steps_of": lambda _world: [], "verify": lambda _world: None}
    with put(int(port), Path(path)), patch.multiple(play, **nothing):
        cri()


if __name__ == "__main__":
    main()
