"""Intake's wiring: settings and parts in, a web app out."""

from cri_shared.db import Work
from cri_shared.privacy.keystore import KeyStore
from cri_shared.service import Service
from cri_shared.web.app import web_app
from fastapi import FastAPI

from cri_intake import actions, api, pages
from cri_intake.models import messaging
from cri_intake.rig import Rig
from cri_intake.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app of one intake process."""
    settings = settings or Settings()
    service = Service.build(settings, messaging)
    rig = Rig(service, settings, KeyStore(settings.keystore_url, service.ring))

    async def harden(work: Work) -> None:
        await actions.harden_receipts(work, rig)

    service.clockwork.every(5, "harden-receipts", harden)
    return web_app(
        service,
        rig,
        package="cri_intake",
        routers=[api.router, pages.router],
        on_start=[rig.keys.create_tables],
        on_stop=[rig.keys.close],
    )
