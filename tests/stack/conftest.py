"""A platform of its own for each test: a directory, eight free ports, and `cri up` as a child."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cri_shared.processes import script
from cri_shared.testing.processes import Child, free_base
from cri_shared.testing.waiting import until
from cri_stack import preparing
from cri_stack.layout import Layout

UP_SECONDS = 60.0


class Platform:
    """One `cri up` and what it said."""

    def __init__(self, directory: Path, base: int) -> None:
        self.var = directory / "var"
        self.base = base
        self.said = directory / "said.log"
        command = [script("cri"), "up", "--var", str(self.var), "--port-base", str(base)]
        self.child = Child(command, self.said)

    @property
    def output(self) -> str:
        """Everything that was printed so far."""
        return self.said.read_text()

    def wait(self, words: str, seconds: float = UP_SECONDS) -> None:
        """Wait until it has said something."""
        until(lambda: words in self.output or self._ended(), timeout=seconds, what=words)
        assert words in self.output, self.output

    def _ended(self) -> bool:
        return self.child.process.poll() is not None


@pytest.fixture
def platforms(tmp_path: Path) -> Iterator[Callable[[], Platform]]:
    """Starts platforms, all of them in one directory; ends those that still run."""
    started: list[Platform] = []

    def start(base: int | None = None) -> Platform:
        started.append(Platform(tmp_path, base or free_base()))
        return started[-1]

    yield start
    for platform in started:
        platform.child.stop()


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A prepared platform that is not up."""
    for name in [name for name in os.environ if name.startswith("CRI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr("os.umask", lambda _mask: 0)
    found = Layout.of(tmp_path / "var", port_base=free_base())
    preparing.prepare(found)
    return found
