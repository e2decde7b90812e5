"""Intake's wiring: settings and parts in, a web app out."""

from cri_shared.clockwork import Clockwork
from cri_shared.db import Work
from cri_shared.digest import Digests
from cri_shared.places.languages import spoken_by
from cri_shared.privacy.keystore import KeyStore
from cri_shared.service import Service
from cri_shared.web.app import web_app
from cri_shared.words import N_
from fastapi import FastAPI

from cri_intake import api, console, pages
from cri_intake.actions import erasing, keeping, tallies
from cri_intake.actions.askers import harden_receipts
from cri_intake.actions.courier import Courier
from cri_intake.actions.figures import tell_figures
from cri_intake.actions.keys import warn_of_ends
from cri_intake.console.own import must_be_theirs
from cri_intake.models import messaging
from cri_intake.policy import AUDIT_WORDS, POLICY
from cri_intake.queries.digest import NEWS
from cri_intake.queries.organisations import names_of_organisations
from cri_intake.rig import Rig
from cri_intake.settings import Settings
from cri_intake.subscribers import subscribe

NAV = [
    ("/console/questions", N_("Questions")),
    ("/console/ours", N_("Our questions")),
    ("/console/keys", N_("Keys")),
    ("/console/referrals", N_("Who can help")),
    ("/console/statistics", N_("Statistics")),
    ("/console/figures", N_("Figures of the desk")),
    ("/console/organisations", N_("Organisations")),
    ("/console/erasures", N_("Erasures")),
]


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app of one intake process."""
    settings = settings or Settings()
    service = Service.build(settings, messaging)
    rig = Rig(
        service, settings, KeyStore(settings.keystore_url, service.ring, settings.limits.halved())
    )
    subscribe(service.consumer, rig)

    async def organisations() -> list[str]:
        async with service.database.reading() as session:
            return await names_of_organisations(session)

    service.identity.passwords.sources.append(organisations)
    courier = Courier(rig)
    _wind_up(service.clockwork, rig, courier)
    Digests(service, "cri_intake", NEWS)
    ledger = service.keep_ledger(rig.keys, erasing.again(), erasing.owners())
    service.retention.add(*keeping.rules(rig))
    return web_app(
        service,
        rig,
        package="cri_intake",
        routers=[*api.routers, *pages.routers, *console.routers],
        policy=POLICY,
        languages=spoken_by("cri_intake"),
        must_be_theirs=must_be_theirs,
        nav=NAV,
        on_start=[rig.keys.create_tables, ledger.replay],
        on_stop=[courier.close, rig.close],
        needs={"keys": rig.keys.ping},
        about_api=api.ABOUT,
        audit_words=AUDIT_WORDS,
    )


def _wind_up(clockwork: Clockwork, rig: Rig, courier: Courier) -> None:
    """What intake does by itself, beside ending what was kept long enough."""

    async def harden() -> None:
        await harden_receipts(rig)

    async def warn(work: Work) -> None:
        await warn_of_ends(work, rig)

    clockwork.tends(5, "harden-receipts", harden, unchanged=60)
    clockwork.every(5, "send-to-webhooks", courier.look, unchanged=10)
    tallies.work_by(clockwork)
    clockwork.every(600, "warn-of-ends-of-keys", warn)
    clockwork.every(600, "tell-desk-figures", tell_figures)
