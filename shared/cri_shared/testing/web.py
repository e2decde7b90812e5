"""Talking to a service in a test: its whole app in this process, over HTTP semantics."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
from fastapi import FastAPI


@asynccontextmanager
async def running(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a started app; it is stopped when the block ends."""
    url = app.state.service.settings.public_url
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=url, timeout=60) as client:
            yield client
