"""The server: parts put together, errors in Meilisearch's shape."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from cri_shared.observe import log
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

from cri_index.catalogue import Catalogue
from cri_index.errors import ApiError, half_a_character, internal
from cri_index.keys import Keys
from cri_index.requests import Parts
from cri_index.routes import ROUTES
from cri_index.store import Store
from cri_index.tasks import Journal
from cri_index.worker import Worker


def create_app(directory: Path, master_key: str) -> Starlette:
    """The server over one data directory, which no other process may use meanwhile.

    Raises ValueError where the master key is too short.
    """
    directory.mkdir(parents=True, exist_ok=True)
    store = Store(directory / "index.db")
    keys = Keys(store, master_key)
    catalogue = Catalogue(store, directory / "indexes")
    journal = Journal(store)
    worker = Worker(store, journal, catalogue)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        worker.start()
        yield
        worker.stop()
        catalogue.close()
        store.close()

    app = Starlette(
        routes=ROUTES,
        lifespan=lifespan,
        exception_handlers={
            ApiError: _refused,
            HTTPException: _no_route,
            UnicodeEncodeError: _half_characters,
            Exception: _broken,
        },
    )
    app.state.parts = Parts(catalogue, journal, worker, keys)
    return app


async def _refused(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, ApiError):
        raise error
    return JSONResponse(error.body(), error.status)


async def _no_route(_request: Request, error: Exception) -> JSONResponse:
    status = error.status_code if isinstance(error, HTTPException) else 500
    missing = ApiError(status, "not_found", "There is no such route.")
    return JSONResponse(missing.body(), status)


async def _half_characters(_request: Request, _error: Exception) -> JSONResponse:
    refused = half_a_character()
    return JSONResponse(refused.body(), refused.status)


async def _broken(_request: Request, error: Exception) -> JSONResponse:
    log.error("index.request.failed", error=type(error).__name__)
    return JSONResponse(internal().body(), 500)
