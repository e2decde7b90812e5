"""Health and metrics: live while the process answers, ready while it can do its work."""

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from cri_shared import clock
from cri_shared.observe import metrics
from cri_shared.service import Service
from cri_shared.settings import LOOPBACK

router = APIRouter(include_in_schema=False)
Check = Callable[[], Awaitable[bool]]


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process runs its loop."""
    return {"status": "alive"}


@router.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """Ready while the database answers; a lost NATS or other part only degrades."""
    service: Service = request.app.state.service
    body: dict[str, Any] = {"service": service.settings.service}
    try:
        waiting, age = await outbox_state(service)
        async with service.database.reading() as session:
            dead = await service.letters.count(session)
    except (SQLAlchemyError, OSError):
        return JSONResponse({**body, "status": "unavailable", "database": False}, 503)
    body |= {"database": True, "outbox_waiting": waiting, "outbox_age_seconds": age}
    body |= {"dead_letters": dead}
    if service.settings.runs_worker:
        body |= {"nats": service.bus.connected, "relay_leads": service.bus.relay.leading}
    parts = {name: await check() for name, check in request.app.state.checks.items()}
    body |= parts
    offline = service.settings.runs_worker and not service.bus.connected
    degraded = offline or not all(parts.values())
    return JSONResponse({**body, "status": "degraded" if degraded else "ready"})


@router.get("/metrics")
async def metrics_page(request: Request) -> Response:
    """Prometheus' metrics, for this machine only."""
    if request.client is None or request.client.host not in LOOPBACK:
        return Response(status_code=404)
    service: Service = request.app.state.service
    waiting, age = await outbox_state(service)
    metrics.outbox_waiting.set(waiting)
    metrics.outbox_age.set(age)
    metrics.bus_connected.set(service.bus.connected)
    metrics.relay_leading.set(service.bus.relay.leading)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


async def outbox_state(service: Service) -> tuple[int, float]:
    """How many events wait in the outbox, and for how many seconds the oldest one does."""
    table = service.database.outbox.tables.outbox
    waiting = select(func.count(), func.min(table.c.created_at)).where(
        table.c.published_at.is_(None), table.c.refused.is_(None)
    )
    async with service.database.reading() as session:
        count, oldest = (await session.execute(waiting)).one()
    return count, (clock.now() - oldest).total_seconds() if oldest else 0.0
