"""Publishing's wiring: settings and parts in, a web app out."""

from cri_shared.db import Work
from cri_shared.digest import Digests
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.privacy.keystore import KeyStore
from cri_shared.service import Service
from cri_shared.web.app import web_app
from cri_shared.words import N_
from fastapi import FastAPI

from cri_publishing import console, indexing, placing, subscribers
from cri_publishing.actions import erasing, hours, listings, readers
from cri_publishing.actions.visitor import Visitor
from cri_publishing.models import messaging
from cri_publishing.policy import AUDIT_WORDS, POLICY
from cri_publishing.queries.digest import NEWS
from cri_publishing.rig import Rig
from cri_publishing.rules.pace import TEND_SECONDS
from cri_publishing.settings import Settings

RIPE_SECONDS = 5
IDLE_SECONDS = 30  # while nothing changes: what ripens by the clock alone is that late


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app of one publishing process."""
    settings = settings or Settings()
    service = Service.build(settings, messaging)
    keys = KeyStore(settings.keystore_url, service.ring, settings.limits.halved())
    index = MeilisearchIndex(settings.index_url, settings.index_key.get_secret_value())
    service.database.at_end(placing.place)
    rig = Rig(service, settings, keys, index)
    subscribers.install(rig)
    indexing.install(rig)
    visitor = Visitor(rig)
    _install_duties(rig, visitor)
    Digests(service, "cri_publishing", NEWS)
    service.retention.add(*readers.rules())
    ledger = service.keep_ledger(keys, erasing.again(), erasing.owners())

    async def prepare_index() -> None:
        await indexing.prepare_at_start(rig)

    return web_app(
        service,
        rig,
        package="cri_publishing",
        routers=console.routers,
        policy=POLICY,
        nav=[
            ("/console/entries", N_("Entries")),
            ("/console/listings", N_("Contacts and programmes")),
            ("/console/coverage", N_("Coverage")),
            ("/console/changes", N_("Changes in countries")),
            ("/console/links", N_("Links")),
            ("/console/readers", N_("What readers say")),
        ],
        on_start=[keys.create_tables, ledger.replay, prepare_index],
        on_stop=[visitor.close, keys.close, index.close],
        needs={"keys": keys.ping},
        helps={"index": index.available},
        audit_words=AUDIT_WORDS,
    )


def _install_duties(rig: Rig, visitor: Visitor) -> None:
    """What happens by itself as time passes."""

    async def publish_ripe(work: Work) -> None:
        await hours.publish_ripe(work, rig)

    async def tend(work: Work) -> None:
        await hours.tend(work, rig)

    every = rig.service.clockwork.every
    every(RIPE_SECONDS, "publish-ripe", publish_ripe, unchanged=IDLE_SECONDS)
    every(TEND_SECONDS, "tend-entries", tend, unchanged=IDLE_SECONDS)
    every(TEND_SECONDS, "tend-listings", listings.tend, unchanged=IDLE_SECONDS)
    every(TEND_SECONDS, "visit-links", visitor.look, unchanged=IDLE_SECONDS)
