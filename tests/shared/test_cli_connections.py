"""`check` says whether all connections that a service may make find a place on the server."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from cri_shared.cli.checks import check_all
from cri_shared.cli.connections import Share, shares_of
from cri_shared.db.migrate import migrate
from cri_shared.privacy.keys import KeyRing
from cri_shared.testing.postgres import PostgresServer
from cri_shared.testing.processes import free_port

from tests.shared.toy_command import Settings

GIVEN = 200 - 3  # of the server of the tests, without those kept for superusers


@pytest.fixture
def told(tmp_path: Path, postgres_server: PostgresServer) -> dict[str, Any]:
    """Settings of a toy on PostgreSQL, its identity store on the same server; NATS is away."""
    for ring in ("research", "identity"):
        KeyRing.create(tmp_path / "keys" / ring)
    return {
        "database_url": postgres_server.create_database(),
        "identity_database_url": postgres_server.create_database(),
        "key_dir": tmp_path / "keys" / "research",
        "identity_key_dir": tmp_path / "keys" / "identity",
        "public_url": "http://127.0.0.1:8002",
        "port": 8002,
        "nats_url": f"nats://127.0.0.1:{free_port()}",
        "database_pool_size": 5,
        "database_pool_overflow": 2,
    }


async def lines(settings: Settings) -> list[str]:
    """What `check` says."""
    for package in ("tests.shared.toy_service", "cri_shared.identity"):
        await asyncio.to_thread(migrate, package, settings.database_url)
    said: list[str] = []
    await check_all(settings, "tests.shared.toy_service", None, said.append)
    return said


@pytest.mark.postgres
class TestConnections:
    async def test_pools_of_every_store_and_process_are_counted(
        self, told: dict[str, Any], postgres_server: PostgresServer
    ) -> None:
        server = f"127.0.0.1:{postgres_server.port}"
        pool, beside, others = 5 + 2, 2 + 1, 5
        once = Share(server, pool + others + beside, GIVEN)
        assert await shares_of(Settings(**told)) == [once]
        thrice = Share(server, 3 * once.needed, GIVEN)
        assert await shares_of(Settings(**told, processes=3)) == [thrice]

    async def test_what_fits_is_told_and_what_does_not_fails_with_what_helps(
        self, told: dict[str, Any]
    ) -> None:
        here = f"of the {GIVEN} connections of 127.0.0.1:"
        said = await lines(Settings(**told))
        assert any(line.startswith(f"ok      connections: up to 15 {here}") for line in said)
        said = await lines(Settings(**told, processes=14))
        [failed] = [line for line in said if line.startswith("FAILED  connections")]
        assert f"up to 210 {here}" in failed
        assert "raise max_connections of the server, or lower CRI_DATABASE_POOL_SIZE" in failed

    async def test_a_server_that_is_away_fails_in_words(self, told: dict[str, Any]) -> None:
        nobody = f"postgresql+asyncpg://postgres@127.0.0.1:{free_port()}/none"
        said: list[str] = []
        settings = Settings(**told | {"database_url": nobody})
        await check_all(settings, "tests.shared.toy_service", None, said.append)
        assert "FAILED  connections: does not answer (OperationalError)" in said
        assert "FAILED  database: does not answer (OperationalError)" in said


async def test_sqlite_knows_no_such_thing(told: dict[str, Any], tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/a.db"
    settings = Settings(**told | {"database_url": url, "identity_database_url": url})
    assert await shares_of(settings) == []
    assert "ok      connections" in await lines(settings)
