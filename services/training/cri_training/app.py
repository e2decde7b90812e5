"""Training's wiring: settings and parts in, a web app out."""

from cri_shared.db import Work
from cri_shared.digest import Digests
from cri_shared.places.languages import INTERFACE_LANGUAGES
from cri_shared.privacy.keystore import KeyStore
from cri_shared.service import Service
from cri_shared.web.app import web_app
from cri_shared.web.i18n import Words
from cri_shared.words import N_
from fastapi import FastAPI

from cri_training import console, pages
from cri_training.actions import editions, feedback, keeping, mails, obstacles, sign_ups, tallying
from cri_training.models import messaging
from cri_training.policy import AUDIT_WORDS, POLICY
from cri_training.queries.digest import NEWS
from cri_training.rig import Rig
from cri_training.settings import Settings

NAV = [
    ("/console/editions", N_("Editions")),
    ("/console/workshops", N_("Workshops")),
    ("/console/organisations", N_("Organisations")),
    ("/console/reports", N_("Reports")),
    ("/console/obstacles", N_("Obstacles")),
    ("/console/texts", N_("Texts")),
]


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app of one training process."""
    settings = settings or Settings()
    service = Service.build(settings, messaging)
    rig = Rig(
        service,
        settings,
        KeyStore(settings.keystore_url, service.ring, settings.limits.halved()),
        {tag: Words(("cri_training", "cri_shared"), tag) for tag in INTERFACE_LANGUAGES},
        settings.policy,
    )
    _plan_duties(service, rig)
    Digests(service, "cri_training", NEWS)
    ledger = service.keep_ledger(rig.keys, keeping.again(), keeping.owners())
    service.retention.add(*keeping.rules(rig))
    return web_app(
        service,
        rig,
        package="cri_training",
        routers=[*console.routers, *pages.routers],  # "console" is no language
        policy=POLICY,
        audit_words=AUDIT_WORDS,
        nav=NAV,
        on_start=[rig.keys.create_tables, ledger.replay],
        on_stop=[rig.keys.close],
        needs={"keys": rig.keys.ping},
    )


def _plan_duties(service: Service, rig: Rig) -> None:
    """What happens by itself; the editions first, because mails follow from their state."""

    async def keep_up(work: Work) -> None:
        await editions.keep_up(work, rig)

    async def post_mails(work: Work) -> None:
        await mails.post_what_is_due(work, rig)

    async def forget(work: Work) -> None:
        await sign_ups.forget_unproved(work, rig)

    async def empty_ballots(work: Work) -> None:
        await feedback.empty_ballots(work, rig)

    async def settle() -> None:
        await tallying.settle(rig)

    async def still_wanted(about: str) -> bool:
        return await mails.still_wanted(rig, about)

    service.post.asks(still_wanted)

    async def tell_counts(work: Work) -> None:
        await obstacles.tell_counts(work, rig)

    service.clockwork.every(10, "keep-up-editions", keep_up, unchanged=30)
    service.clockwork.every(2, "post-mails", post_mails, unchanged=20)
    service.clockwork.every(30, "forget-unproved", forget)
    service.clockwork.every(60, "empty-ballots", empty_ballots)
    service.clockwork.tends(60, "settle-attendance", settle)
    service.clockwork.every(3600, "tell-obstacles", tell_counts)
