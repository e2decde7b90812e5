"""Processes that are copies of the nursery's: each on its own, with what it was told alone."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import psutil
import pytest
from cri_shared.testing.waiting import eventually
from cri_stack import forks, supervisor
from cri_stack.forks import Nursery, NurseryEnded
from cri_stack.logs import Logs, LogSettings
from cri_stack.supervisor import Part, Supervisor

from tests.stack.memory import holds

TOY = """\
import json, os, sys, time
RELEASE = {release!r}
def main():
    told = {{"release": RELEASE, "pid": os.getpid(), "parent": os.getppid(), "words": sys.argv[1:],
             "session": os.getsid(0), "environ": dict(os.environ), "input": sys.stdin.read()}}
    print(json.dumps(told), flush=True)
    while "stay" in sys.argv:
        time.sleep(60)
    return 3
"""
POINTS = "[console_scripts]\ncri-toy = cri_toy:main\n"
SECRET = "a-word-that-one-process-was-told"


class Toy:
    """A command that a package installed, of a release that may change."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.script = directory / "bin" / "cri-toy"
        self.script.parent.mkdir()
        self.script.write_text(
            f"#!{sys.executable}\nimport sys\nfrom cri_toy import main\nsys.exit(main())\n"
        )
        self.script.chmod(0o700)
        points = directory / "cri_toy-1.dist-info" / "entry_points.txt"
        points.parent.mkdir()
        points.write_text(POINTS)
        self.is_of("one")

    def is_of(self, release: str) -> None:
        """Let it be of a release from now on."""
        (self._directory / "cri_toy.py").write_text(TOY.format(release=release))

    def command(self, *words: str) -> list[str]:
        """How it is begun."""
        return [str(self.script), *words]


@pytest.fixture
def toy(tmp_path: Path) -> Toy:
    return Toy(tmp_path)


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """What an operator's environment says to everybody."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}


@pytest.fixture
def logs(tmp_path: Path) -> Logs:
    return Logs(tmp_path, LogSettings())


@pytest.fixture
async def young(environ: dict[str, str], logs: Logs) -> AsyncIterator[Nursery]:
    """A nursery that was given a setting of ours as well, which it does not take."""
    async with forks.nursery(environ | {"CRI_WORD": SECRET}, logs) as young:
        young.load("cri_toy")
        yield young


async def test_it_is_a_child_of_ours_with_words_and_environment_of_its_own(
    toy: Toy, young: Nursery, environ: dict[str, str]
) -> None:
    own = environ | {"CRI_OWN": "word", "LINE": "a\nb \udc80"}
    status, said = await young.run(toy.command("serve", "--port", "1"), own)
    told = json.loads(said)
    assert status == 3
    assert told["parent"] == os.getpid()
    assert told["session"] == told["pid"]
    assert told["words"] == ["serve", "--port", "1"]
    assert (told["environ"], told["input"]) == (own, "")


async def test_it_has_the_name_of_its_command(toy: Toy, young: Nursery, logs: Logs) -> None:
    with logs.taking("toy") as out:
        fork = await young.begin(toy.command("stay"), {}, out)
    process = psutil.Process(fork.pid)
    await eventually(lambda: logs.file("toy").exists(), what="the toy")
    assert process.name() == "cri-toy"
    assert process.cmdline() == [sys.executable, str(toy.script), "stay"]
    process.kill()
    assert await fork.wait() == -signal.SIGKILL


async def test_what_one_was_told_no_other_holds(toy: Toy, young: Nursery, logs: Logs) -> None:
    begun = {}
    for name, environment in (("told", {"CRI_WORD": SECRET}), ("other", {})):
        with logs.taking(name) as out:
            begun[name] = await young.begin(toy.command("stay"), environment, out)
        await eventually(logs.file(name).exists, what=name)
    assert holds(begun["told"].pid, SECRET)
    assert not holds(begun["other"].pid, SECRET)
    for fork in begun.values():
        assert SECRET.encode() not in Path(f"/proc/{fork.pid}/environ").read_bytes()
        fork.terminate()
        await fork.wait()


async def test_one_that_is_not_told_what_to_be_ends(toy: Toy, young: Nursery, logs: Logs) -> None:
    before = set(psutil.Process().children())
    with logs.taking("toy") as out, pytest.raises(TypeError):
        await young.begin(toy.command("stay"), {"CRI_OWN": object()}, out)  # type: ignore[dict-item]
    (new,) = set(psutil.Process().children()) - before
    _, status = await asyncio.to_thread(os.waitpid, new.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 1


async def test_what_cannot_be_loaded_is_said_with_where_it_is_written(
    young: Nursery, toy: Toy, logs: Logs
) -> None:
    young.load("cri_nothing")
    with pytest.raises(NurseryEnded, match=r"could not be loaded; see .*/nursery-\d{4}"):
        await young.run(toy.command(), {})
    wrong = "No module named 'cri_nothing'"
    await eventually(lambda: wrong in logs.file("nursery").read_text(), what=wrong)


async def test_one_that_is_started_again_has_the_code_on_the_disk(
    toy: Toy, young: Nursery, logs: Logs, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_PAUSE", 0.0)
    assert json.loads((await young.run(toy.command(), environ))[1])["release"] == "one"
    toy.is_of("two")
    keeper = Supervisor(lambda _line: None, logs)

    async def said(count: int) -> bool:
        return logs.file("toy").exists() and logs.file("toy").read_text().count("\n") == count

    part = Part("toy", toy.command("stay"), environ, partial(said, 1), pause=0.0)
    await keeper.start(part, young.begin)
    await keeper.wait_ready(part, 20)
    assert part.process
    os.kill(part.process.pid, signal.SIGKILL)
    part.ready = partial(said, 2)
    await keeper.wait_ready(part, 20)
    await keeper.stop()
    told = [json.loads(line) for line in logs.file("toy").read_text().splitlines()]
    assert [one["release"] for one in told] == ["one", "two"]
    assert told[0]["parent"] == told[1]["parent"] == os.getpid()
