"""The README's client: made from the description that intake serves, and run as it stands there."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import uvicorn
from cri_intake.app import create_app
from cri_intake.settings import Settings
from cri_shared.testing.processes import free_port
from cri_shared.testing.services import settings_for
from cri_shared.testing.waiting import eventually

from tests.intake.conftest import Intake

README = Path(__file__).parents[2] / "services/intake/README.md"


def block(kind: str) -> str:
    """The first example of a kind in the README's section on clients."""
    section = README.read_text("utf-8").split("### A client in a minute")[1]
    found = re.search(rf"```{kind}\n(.*?)```", section, re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture
async def served(tmp_path: Path) -> AsyncIterator[tuple[str, str]]:
    """The address of an intake that runs, and the key of an organisation."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    app = create_app(settings_for(Settings, tmp_path / "intake", port=port, public_url=url))
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_config=None))
    task = asyncio.create_task(server.serve())
    await eventually(lambda: server.started, what="intake")
    key = await Intake(app, None, "", tmp_path).another_key("Caritas")  # type: ignore[arg-type]
    yield url, key
    server.should_exit = True
    await task


async def run(directory: Path, told: dict[str, str], *words: str) -> str:
    """What a program of the organisation's says, that ends well."""
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    process = await asyncio.create_subprocess_exec(
        *words,
        cwd=directory,
        env={**os.environ, **told, "PATH": programs},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


async def test_the_example_of_the_readme_asks_and_reads(
    served: tuple[str, str], tmp_path: Path
) -> None:
    url, key = served
    told = {"CRI_URL": url, "CRI_KEY": key}
    generated = await run(tmp_path, told, "sh", "-c", block("sh"))
    assert "Warning" not in generated, "the generator understands all of the description"
    (tmp_path / "example.py").write_text(block("python"), "utf-8")
    said = (await run(tmp_path, told, sys.executable, "example.py")).splitlines()
    assert re.fullmatch(r"Asked: [\w-]+", said[0])
    assert said[1] == "Row 1 201 []"
    assert said[2].startswith("Row 2 422 ['")
    assert said[3:] == ["It is now: received"]
