"""The platforms that the suites of one `make security` look at."""

import atexit
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from cri_shared.testing.postgres import PostgresServer

from tests.playing import PlayedDemo
from tests.security.sweep import elsewhere


@cache
def played() -> Path:
    """Play the demo once for this process; gives its directory. It stays up until the end."""
    directory = tempfile.TemporaryDirectory(prefix="cri-security-")
    demo = PlayedDemo(Path(directory.name))
    atexit.register(directory.cleanup)
    atexit.register(demo.stop)
    return _when_played(demo)


@contextmanager
def databases() -> Iterator[Mapping[str, Callable[[], dict[str, str]]]]:
    """Kinds of databases, each with what gives a service's settings for fresh ones of its own."""
    stores = ("database_url", "identity_database_url", "keystore_url")
    with tempfile.TemporaryDirectory(prefix="cri-security-") as directory:
        server = PostgresServer(Path(directory) / "postgresql")
        server.start()
        try:
            fresh = lambda: {store: server.create_database() for store in stores}  # noqa: E731
            yield {"SQLite": dict, "PostgreSQL": fresh}
        finally:
            server.stop()


@contextmanager
def played_elsewhere() -> Iterator[tuple[Path, PostgresServer]]:
    """A demo's people with everything in PostgreSQL; gives its directory and the server."""
    with ExitStack() as ends:
        directory = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="cri-security-")))
        directory.chmod(0o711)  # the server is somebody else, who passes through
        server = PostgresServer(directory / "postgresql")
        server.start()
        ends.callback(server.stop)
        cri = elsewhere.command(directory, server)
        demo = PlayedDemo(directory, str(cri))
        ends.callback(demo.stop)
        var = _when_played(demo)
        with elsewhere.put(server.port, cri):
            yield var, server


def _when_played(demo: PlayedDemo) -> Path:
    """Wait for a demo; gives its directory. Raises with its last words where it ended too early."""
    demo.wait()
    if not demo.is_up:
        raise RuntimeError(f"the demo ended: {' '.join(demo.output.splitlines()[-3:])}")
    return demo.var
