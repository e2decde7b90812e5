"""The toy research with its web side, in this process, on stores of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
from cri_shared.privacy.keys import KeyRing
from cri_shared.service import Service
from cri_shared.testing.processes import free_port
from cri_shared.testing.services import make_tables
from cri_shared.testing.web import running

from tests.shared.toy_command import Settings, create_app


@asynccontextmanager
async def serving(directory: Path, **told: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a started toy; NATS is away unless `nats_url` tells where it is."""
    for ring in ("research", "identity"):
        if not (directory / "keys" / ring).exists():
            KeyRing.create(directory / "keys" / ring)
    values: dict[str, Any] = {
        "database_url": f"sqlite+aiosqlite:///{directory}/research.db",
        "identity_database_url": f"sqlite+aiosqlite:///{directory}/identity.db",
        "key_dir": directory / "keys" / "research",
        "identity_key_dir": directory / "keys" / "identity",
        "mail_dir": directory / "mail",
        "public_url": "http://127.0.0.1:8002",
        "port": 8002,
        "nats_url": f"nats://127.0.0.1:{free_port()}",
        **told,
    }
    settings = Settings(**values)
    await asyncio.to_thread(make_tables, "tests.shared.toy_service", settings.database_url)
    await asyncio.to_thread(make_tables, "cri_shared.identity", settings.identity_database_url)
    async with running(create_app(settings)) as client:
        yield client


def service_of(client: httpx.AsyncClient) -> Service:
    service: Service = client._transport.app.state.service  # type: ignore[attr-defined]
    return service
