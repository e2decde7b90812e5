"""Search's wiring: settings and parts in, a web app out."""

from cri_shared.digest import Digests
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.places.languages import spoken_by
from cri_shared.service import Service
from cri_shared.web.app import web_app
from cri_shared.words import N_
from fastapi import FastAPI

from cri_search import api, console, listing_api
from cri_search.counting import Misses, rules, tell_counts
from cri_search.forgetting import Front, forgetting
from cri_search.models import messaging
from cri_search.packs.fonts import Fonts
from cri_search.packs.making import packs_of
from cri_search.pages import (
    about,
    browse,
    entries,
    feedback,
    feeds,
    listing_data,
    maps,
    mistakes,
    open_data,
    packs,
    results,
)
from cri_search.policy import POLICY
from cri_search.repeats import Kept, Repeats
from cri_search.rig import Rig
from cri_search.rules.weeks import COUNTING
from cri_search.settings import Settings
from cri_search.subscribers import subscribe

COUNT_SECONDS = 30


def create_app(settings: Settings | None = None) -> FastAPI:
    """The app of one search process."""
    settings = settings or Settings()
    service = Service.build(settings, messaging)
    index = MeilisearchIndex(
        settings.index_url, settings.index_key.get_secret_value(), seconds=settings.index_seconds
    )
    rig = Rig(service, settings, index)
    kept, fonts = Kept(), Fonts(settings.font_dir)
    front = Front(settings.purge_url, settings.purge_token.get_secret_value())

    async def close_own() -> None:
        await app.state.misses.close()
        await app.state.packs.close()

    service.clockwork.every(COUNT_SECONDS, COUNTING, tell_counts)
    service.retention.add(*rules())
    Digests(service, "cri_search", ())
    app = web_app(
        service,
        rig,
        package="cri_search",
        routers=[
            *(api.searching, api.router, listing_api.router, console.router),
            *(browse.router, results.router, entries.router, feedback.router, mistakes.router),
            *(
                about.router,
                open_data.router,
                listing_data.router,
                feeds.router,
                maps.router,
                packs.router,
            ),
        ],
        policy=POLICY,
        languages=spoken_by("cri_search"),
        nav=[("/console/holdings", N_("What search holds"))],
        on_start=[fonts.say_what_is_missing],
        on_stop=[index.close, close_own, front.close],
        form_targets=(settings.origin_of("intake"),),
        compress=True,
        helps={"index": index.available},
        about_api=api.ABOUT,
    )
    packs_made = packs_of(service.database, app.state.dictionary, fonts, home=settings.public_url)
    app.state.packs = packs_made
    app.state.misses = Misses(rig)
    subscribe(service.consumer, forgetting(kept, rig.spellings, packs_made, front))
    app.add_middleware(Repeats, kept=kept)
    return app
