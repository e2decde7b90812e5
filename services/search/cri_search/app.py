"""Search's wiring: settings and parts in, a web app out."""

from cri_shared.service import Service
from cri_shared.web.app import web_app
from fastapi import FastAPI

from cri_search.models import messaging
from cri_search.rig import Rig
from cri_search.settings import Settings


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app of one search process."""
    settings = settings or Settings()
    service = Service.build(settings, messaging)
    rig = Rig(service, settings)
    return web_app(service, rig, package="cri_search", routers=[])
