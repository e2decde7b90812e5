"""Fixtures of the shared parts alone."""

import sys
from pathlib import Path

import pytest

from tests.shared.growing import Growing


@pytest.fixture
def growing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Growing:
    """A package with one revision, as new, also where another test had one of its name."""
    monkeypatch.delitem(sys.modules, Growing.name, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    return Growing(tmp_path)
