"""Search with a library in its copy; its index is away, which is nobody's secret."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cri_search.app import create_app
from cri_search.settings import Settings
from cri_shared.testing.processes import free_port
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running

from tests.search.conftest import Search, published
from tests.search.library import library
from tests.search.test_listings import contact
from tests.security.roles.cells import OWN, Stage


@asynccontextmanager
async def stage(directory: Path, **stores: str) -> AsyncIterator[Stage]:
    """Search as readers find it."""
    away: dict[str, Any] = {
        "index_url": f"http://127.0.0.1:{free_port()}",
        "index_key": "none",
        "index_seconds": 0.1,
    }
    app = create_app(settings_for(Settings, directory, **away, **stores))
    async with running(app) as client:
        entries = list(library())
        await Search(app, client).hear(*(published(entry) for entry in entries), contact())
        ids = {
            "where": "AM",
            "kind": "zip",
            "part": "1",
            "code@topics": "health",
            "code": "AM",
            "slug": entries[0].slug,
            "entry_id": entries[0].entry_id,
            "listing_id": "c-1",
        }
        yield Stage(app, {OWN: ids})
