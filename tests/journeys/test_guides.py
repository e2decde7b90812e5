"""The guides lead to what there is; their commands are run on a platform that is up."""

import os
import re
import subprocess
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from cri_shared.events import SERVICES
from cri_shared.processes import script
from cri_shared.testing.services import settings_for
from fastapi.routing import iter_route_contexts

from tests.playing import PlayedDemo

ROOT = Path(__file__).parents[2]
GUIDES = sorted((ROOT / "shared/guides").glob("*.md"))
ADDRESS = re.compile(r"`(?:GET |POST )?(/(?:console|api|\{lang\})[^`?]*)`")
pytestmark = [pytest.mark.journey, pytest.mark.nats]


def commands(name: str) -> list[list[str]]:
    """The commands of a guide that stand on a line of their own."""
    text = (ROOT / f"shared/guides/{name}.md").read_text()
    return [line.split() for line in re.findall(r"^    (\S.*)$", text, re.MULTILINE)]


@pytest.mark.parametrize("words", commands("operator")[1:], ids=" ".join)
def test_what_operators_type_works_while_it_is_up(
    played_demo: PlayedDemo, words: list[str]
) -> None:
    told = {name: value for name, value in os.environ.items() if not name.startswith("CRI_")}
    done = subprocess.run(
        [script(words[0]), *words[1:], "--var", str(played_demo.var)],
        env=told,
        capture_output=True,
        text=True,
        check=False,
    )
    # What the demo leaves for people to look at is no failure of the command.
    assert done.returncode in ((0, 1) if words[1] in ("status", "doctor") else (0,)), done.stderr
    assert done.stdout.strip()


def test_what_contributors_type_is_there() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    typed = {words[1] for words in commands("contributor") + commands("operator")[:1]}
    mentioned = {
        verb for guide in GUIDES for verb in re.findall(r"`make ([a-z]+)", guide.read_text())
    }
    assert typed
    assert typed | mentioned <= targets


def test_every_page_that_a_guide_names_is_there(tmp_path: Path) -> None:
    named = {(guide.stem, one) for guide in GUIDES for one in ADDRESS.findall(guide.read_text())}
    assert len(named) > 25
    there = {path for service in SERVICES for path in paths_of(service, tmp_path / service)}
    assert {(who, address) for who, address in named if address not in there} == set()


def paths_of(service: str, directory: Path) -> Iterator[str]:
    """Every address of a service, as its code has them."""
    settings = settings_for(import_module(f"cri_{service}.settings").Settings, directory)
    app = import_module(f"cri_{service}.app").create_app(settings)
    for route in iter_route_contexts(app.routes):
        yield str(route.path)
