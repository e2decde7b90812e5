"""Research's wiring: settings and parts in, a web app out."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.digest import Digests
from cri_shared.places.languages import spoken_by
from cri_shared.privacy.keystore import KeyStore
from cri_shared.service import Service
from cri_shared.web.app import web_app
from cri_shared.words import N_
from fastapi import FastAPI

from cri_research import console, pages
from cri_research.actions import dispatch, erasing, keeping, nudges, partners
from cri_research.models import messaging
from cri_research.policy import AUDIT_WORDS, POLICY
from cri_research.queries.digest import NEWS
from cri_research.rig import Rig
from cri_research.settings import Settings
from cri_research.subscribers import Subscribers

NAV = (
    ("/console/questions", N_("Questions")),
    ("/console/reminders", N_("Reminders")),
    ("/console/partners", N_("Partners")),
    ("/console/countries", N_("Countries")),
    ("/console/gaps", N_("Gaps")),
)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app of one research process."""
    settings = settings or Settings()
    service = Service.build(settings, messaging)
    rig = Rig(
        service, settings, KeyStore(settings.keystore_url, service.ring, settings.limits.halved())
    )
    Subscribers(rig)
    _keep_time(rig)
    Digests(service, "cri_research", NEWS)
    ledger = service.keep_ledger(rig.keys, erasing.again(), erasing.owners())
    service.retention.add(*keeping.rules(rig))
    return web_app(
        service,
        rig,
        package="cri_research",
        routers=[*pages.routers, *console.routers],
        policy=POLICY,
        audit_words=AUDIT_WORDS,
        languages=spoken_by("cri_research"),
        nav=NAV,
        on_start=[rig.keys.create_tables, ledger.replay],
        on_stop=[rig.keys.close],
        needs={"keys": rig.keys.ping},
    )


def _keep_time(rig: Rig) -> None:
    """The duties: all of them look at rows and the clock, so a restart forgets nothing."""

    async def consider(work: Work) -> None:
        await dispatch.consider_waiting(work, rig)

    async def nudge(work: Work) -> None:
        await nudges.nudge(work, rig)

    seen: list[dt.date] = []

    async def countries(work: Work) -> None:
        # Agreements begin and end with the day; all else renews the countries where it happens.
        if clock.today() not in seen[-1:]:
            await partners.renew_countries(work)
            seen[:] = [clock.today()]

    every = rig.service.clockwork.every
    every(2, "dispatch-waiting", consider, unchanged=20)
    every(10, "nudge-partners", nudge, unchanged=30)
    every(10, "renew-countries", countries)
