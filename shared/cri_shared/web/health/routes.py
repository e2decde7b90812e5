"""Where programs ask how a process is: alive, ready, and in figures."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from cri_shared.observe import metrics
from cri_shared.outside import Network, networks
from cri_shared.service import Service
from cri_shared.settings import LOOPBACK
from cri_shared.web.health.rules import Found, State
from cri_shared.web.health.watch import Watch

router = APIRouter(include_in_schema=False)
PASSED_ON = ("forwarded", "via", "x-forwarded-for", "x-real-ip")


@router.get("/health/live")
async def live() -> dict[str, str]:
    """The process runs its loop."""
    return {"status": "alive"}


@router.get("/health/ready")
async def ready(request: Request) -> JSONResponse:
    """200 while the process can do its work, also where it says `degraded`; 503 where not."""
    watch: Watch = request.app.state.watch
    found = await watch.look()
    status = 503 if found.status is State.UNAVAILABLE else 200
    return JSONResponse(_told(watch.service, found), status)


def _told(service: Service, found: Found) -> dict[str, Any]:
    body: dict[str, Any] = {
        "service": service.settings.service,
        "role": service.settings.role,
        "status": found.status,
        "reasons": found.reasons,
        "parts": {part.name: part.state for part in found.parts},
    }
    if (kept := found.kept) is not None:
        body |= {"outbox_waiting": kept.waiting, "outbox_age_seconds": kept.age_seconds}
        body |= {"dead_letters": sum(kept.dead.values()), "gaps": sum(kept.gaps.values())}
    if found.working is not None:
        body |= {"lag": found.working.lag, "relay_leads": service.bus.relay.leading}
    return body


@router.get("/metrics")
async def metrics_page(request: Request) -> Response:
    """Prometheus' metrics, for this machine and the networks that the operator named."""
    watch: Watch = request.app.state.watch
    if not _may_read(request, networks(watch.service.settings.metrics_networks)):
        return Response(status_code=404)
    found = await watch.look()
    _measure(watch.service, found)
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def _may_read(request: Request, named: Sequence[Network]) -> bool:
    """Whether one who may asks for itself: a proxy passes on what others ask."""
    if request.client is None or any(header in request.headers for header in PASSED_ON):
        return False
    host = request.client.host
    return host in LOOPBACK or any(ip_address(host) in network for network in named)


def _measure(service: Service, found: Found) -> None:
    """Set every gauge; what is not known now has no value, because an old one would lie."""
    kept = found.kept
    metrics.outbox_waiting.set(kept.waiting if kept else metrics.UNKNOWN)
    metrics.outbox_age.set(kept.age_seconds if kept else metrics.UNKNOWN)
    metrics.outbox_refused.set(kept.refused if kept else metrics.UNKNOWN)
    metrics.set_each(metrics.dead_letters_waiting, kept.dead if kept else {})
    metrics.set_each(metrics.gaps, kept.gaps if kept else {})
    metrics.set_each(metrics.seals_differing, kept.seals if kept else {})
    metrics.audit_unsealed.set(kept.unsealed if kept else metrics.UNKNOWN)
    working = found.working
    metrics.set_each(metrics.lag, working.lag or {} if working else {})
    metrics.bus_connected.set(service.bus.connected)
    metrics.relay_leading.set(service.bus.relay.leading)
    metrics.clockwork_leading.set(service.clockwork.leading)
    metrics.pool_in_use.set(service.database.connections_in_use)
    ready = {part.name: part.state is State.READY for part in found.parts}
    metrics.set_each(metrics.part_ready, ready)
