"""The platform that the suites of one `make security` share: the demo was played on it."""

import atexit
import tempfile
from functools import cache
from pathlib import Path

from tests.playing import PlayedDemo


@cache
def played() -> Path:
    """Play the demo once for this process; gives its directory. It stays up until the end."""
    directory = tempfile.TemporaryDirectory(prefix="cri-security-")
    demo = PlayedDemo(Path(directory.name))
    atexit.register(directory.cleanup)
    atexit.register(demo.stop)
    demo.wait()
    return demo.var
