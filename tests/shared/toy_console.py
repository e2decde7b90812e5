"""A console of two services that share an identity store, with a page for officers."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pyotp
from cri_shared import clock
from cri_shared.identity import Permitted
from cri_shared.identity.policy import SHARED, Policy, may
from cri_shared.privacy.keys import KeyRing
from cri_shared.service import Service
from cri_shared.settings import ServiceSettings
from cri_shared.testing.services import make_tables
from cri_shared.web.app import web_app
from cri_shared.web.pages import render, see_other
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import Response

from tests.shared.toy import messaging

router = APIRouter(prefix="/console")
POLICY = SHARED | Policy(
    {
        "work.do": may("officer", at=["GET /console/work", "POST /console/work"]),
        "grave.do": may("officer", at=["GET /console/grave", "POST /console/grave"], proved=True),
    }
)


@router.get("/work")
async def work_page(request: Request, staff: Permitted) -> Response:
    return render(request, "failure.html", message="Work", lost=False)


@router.post("/work")
async def do_work(request: Request, staff: Permitted) -> Response:
    return see_other(request, "/console/work", "Saved.")


@router.get("/grave")
async def grave_page(request: Request, staff: Permitted) -> Response:
    return Response("grave")


@router.post("/grave")
async def do_grave(request: Request, staff: Permitted) -> Response:
    form = await request.form()
    return Response("|".join(str(value) for value in form.getlist("word")))


def build(service: str, directory: Path, **told: Any) -> FastAPI:
    """A console of one service; all of them share the identity store of the directory."""
    identity = f"sqlite+aiosqlite:///{directory}/identity.db"
    make_tables("cri_shared.identity", identity)
    make_tables("tests.shared.toy_service", f"sqlite+aiosqlite:///{directory}/{service}.db")
    for name in (service, "identity"):
        if not (directory / name).exists():
            KeyRing.create(directory / name)
    ports = {"intake": 8001, "research": 8002}
    settings = ServiceSettings(
        service=service,
        port=ports[service],
        **({"public_url": f"http://127.0.0.1:{ports[service]}"} | told),
        database_url=f"sqlite+aiosqlite:///{directory}/{service}.db",
        identity_database_url=identity,
        key_dir=directory / service,
        identity_key_dir=directory / "identity",
        role="web",
    )
    nav = [("/console/work", "Questions")]
    parts = Service.build(settings, messaging)
    return web_app(parts, None, package="cri_shared", routers=[router], policy=POLICY, nav=nav)


@dataclass
class Console:
    """A started console and a browser at its door."""

    app: FastAPI
    client: httpx.AsyncClient


async def invited(console: Console, *roles: str) -> tuple[str, str]:
    """(path of the invitation, its TOTP secret)."""
    identity = console.app.state.service.identity
    token = await identity.invite("leen@ngo.example", "Leen D.", roles)
    return f"/console/invited/{token}", (await identity.invitation(token)).totp_secret


def code_of(secret: str, *, later: int = 0) -> str:
    return pyotp.TOTP(secret).at(clock.now() + dt.timedelta(seconds=later))
