"""A started intake, on each database, with an organisation that may post questions."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from cri_intake.__main__ import command
from cri_intake.actions import keys, organisations
from cri_intake.actions.keys import Given
from cri_intake.actions.organisations import About
from cri_intake.app import create_app
from cri_intake.rig import Rig
from cri_intake.settings import Settings
from cri_shared.testing.postgres import PostgresServer
from cri_shared.testing.services import make_tables, settings_for
from cri_shared.testing.web import running
from fastapi import FastAPI
from typer.testing import CliRunner

from tests.intake.operators import Operator

QUESTION: dict[str, Any] = {
    "text": "Karen Examplyan, file 0.000.001, asks whether there is insulin in Gyumri.",
    "language": "en",
    "country": "AM",
    "asker_role": "organisation",
    "contact": {"email": "karen@example.org", "safe_to_write": True},
    "reference": "OUR-REF-77",
    "consent": {"version": "2026-1", "given_at": "2026-11-20T10:00:00+01:00"},
}


@dataclass
class Intake:
    """A started intake and the key of one organisation."""

    app: FastAPI
    client: httpx.AsyncClient
    key: str
    directory: Path

    @property
    def rig(self) -> Rig:
        rig: Rig = self.app.state.rig
        return rig

    async def another_key(self, name: str, given: Given | None = None, **about: str) -> str:
        """The key of one more organisation."""
        async with self.rig.service.database.writing() as work:
            organisation = await organisations.add_organisation(work, About(name, **about))
            return await keys.issue_key(work, self.rig, organisation.organisation_id, given)

    async def post(self, idempotency_key: str | None, **changed: Any) -> httpx.Response:
        """Post a question as the organisation."""
        headers = {"Authorization": f"Bearer {self.key}"}
        if idempotency_key is not None:
            headers["Idempotency-Key"] = idempotency_key
        body = {k: v for k, v in (QUESTION | changed).items() if v is not ...}
        return await self.client.post("/api/v1/questions", json=body, headers=headers)

    async def get(self, path: str, key: str | None = None) -> httpx.Response:
        """Read as an organisation."""
        return await self.client.get(
            f"/api/v1{path}", headers={"Authorization": f"Bearer {key or self.key}"}
        )


@asynccontextmanager
async def started(directory: Path, **settings: Any) -> AsyncIterator[Intake]:
    """An intake with settings of its own, and the key of one organisation."""
    app = create_app(settings_for(Settings, directory, **settings))
    async with running(app) as client:
        intake = Intake(app, client, "", directory)
        intake.key = await intake.another_key("Caritas")
        yield intake


@pytest.fixture
async def intake(database_url: str, tmp_path: Path) -> AsyncIterator[Intake]:
    async with started(tmp_path, database_url=database_url) as intake:
        yield intake


def receipt_on(page: str) -> str:
    """The number that a page shows to whoever asked."""
    found = re.search(r'class="bigcode"><bdi dir="ltr">([\d ]+)<', page)
    assert found is not None, page
    return found[1]


def typed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `said` run the command with these settings."""
    for name in ("database_url", "keystore_url", "identity_database_url"):
        monkeypatch.setenv(f"CRI_INTAKE_{name.upper()}", getattr(settings, name))
    for name in ("key_dir", "identity_key_dir", "mail_dir"):
        monkeypatch.setenv(f"CRI_INTAKE_{name.upper()}", str(getattr(settings, name)))
    # Logs are set up once per process, and this one belongs to pytest.
    monkeypatch.setattr("cri_shared.cli.command.configure_logs", lambda _service: None)
    monkeypatch.setattr("os.umask", lambda _mask: 0)


def said(*verb: str) -> tuple[int, str]:
    """The exit status of a verb of `cri-intake`, and everything it said."""
    result = CliRunner().invoke(command, verb)
    return result.exit_code, result.output


@pytest.fixture
def operator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Operator:
    # Logs are set up once per process, and this one belongs to pytest.
    monkeypatch.setattr("cri_shared.cli.command.configure_logs", lambda _service: None)
    (tmp_path / "var").mkdir()
    if getattr(request, "param", "sqlite") == "sqlite":
        return Operator(tmp_path)
    server: PostgresServer = request.getfixturevalue("postgres_server")
    names = ("database_url", "keystore_url", "identity_database_url")
    urls = {name: server.create_database() for name in names}
    make_tables("cri_shared.identity", urls["identity_database_url"])
    operator = Operator(tmp_path, **urls)
    operator.env["CRI_POSTGRESQL_BIN"] = str(server.programs)
    return operator
