"""Fixtures of the shared parts alone."""

import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from cri_shared import clock
from cri_shared.privacy.keys import KeyRing
from cri_shared.testing.web import running
from pydantic import SecretStr

from tests.shared.growing import Growing
from tests.shared.mailbox import Mailbox, listening
from tests.shared.toy_console import Console, build


@pytest.fixture
def growing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Growing:
    """A package with one revision, as new, also where another test had one of its name."""
    monkeypatch.delitem(sys.modules, Growing.name, raising=False)
    monkeypatch.syspath_prepend(str(tmp_path))
    return Growing(tmp_path)


@pytest.fixture
async def console(tmp_path: Path) -> AsyncIterator[Console]:
    """A started console of intake on SQLite."""
    app = build("intake", tmp_path)
    with clock.frozen(clock.now()):  # a code must not change while a test looks at it
        async with running(app) as client:
            yield Console(app, client)


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    """The keys that wrap others."""
    return KeyRing.create(tmp_path / "keys")


@pytest.fixture
def key_store_url(tmp_path: Path) -> str:
    """Where a store of wrapped keys may be."""
    return f"sqlite+aiosqlite:///{tmp_path}/keys.sqlite"


@pytest.fixture
def mailbox() -> Mailbox:
    """What a real SMTP server got."""
    return Mailbox()


@pytest.fixture
def smtp_url(mailbox: Mailbox) -> Iterator[SecretStr]:
    """The address of that server."""
    with listening(mailbox) as url:
        yield url
