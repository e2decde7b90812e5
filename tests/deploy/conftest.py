"""The files with which operators deploy CRI, and what they say once they are filled in."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
_ASKED = re.compile(r"\$\{(\w+)(?::[?-][^}]*)?\}")


def told_in(example: Path) -> dict[str, str]:
    """The variables of an example of an environment file."""
    lines = (line.partition("=") for line in example.read_text().splitlines() if "=" in line)
    return {name: value for name, _, value in lines}


@pytest.fixture(scope="session")
def composed() -> dict[str, Any]:
    """The compose file, filled in as its example of an environment says."""
    told = told_in(DEPLOY / "compose/.env.example")
    text = (DEPLOY / "compose/compose.yaml").read_text()
    filled: dict[str, Any] = yaml.safe_load(_ASKED.sub(lambda asked: told[asked[1]], text))
    return filled
