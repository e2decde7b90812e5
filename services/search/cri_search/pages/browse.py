"""Reading without searching: home, countries, topics."""

from cri_shared.errors import NotFound
from cri_shared.places import COUNTRIES, GROUPS, TOPICS
from cri_shared.web.pages import PublicLang
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from cri_search.pages.keeping import of_country, page
from cri_search.pages.packs import InPacks, sizes
from cri_search.queries import listings, places, shelves
from cri_search.rig import InRig
from cri_search.rules.asked import Asked

router = APIRouter(include_in_schema=False)


@router.get("/{lang}/")
async def home(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Where everybody begins."""
    async with rig.service.database.reading() as session:
        return page(
            request,
            "home.html",
            lang=lang,
            asked=Asked(),
            counts=await shelves.counts_by_group(session),
            by_country=await shelves.counts_by_country(session),
            latest=await places.latest(session, lang),
            workshops=await places.workshops(session),
        )


@router.get("/{lang}/countries")
async def countries(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Every country, and how much there is to read about it."""
    async with rig.service.database.reading() as session:
        return page(
            request,
            "countries.html",
            lang=lang,
            by_country=await shelves.counts_by_country(session),
            partners=await places.partner_states(session),
        )


@router.get("/{lang}/countries/{code}")
async def country(
    request: Request, lang: PublicLang, code: str, rig: InRig, packs: InPacks
) -> Response:
    """What there is to read about one country."""
    if code not in COUNTRIES:
        if code.upper() in COUNTRIES:
            return RedirectResponse(f"/{lang}/countries/{code.upper()}", 301)
        raise NotFound
    async with rig.service.database.reading() as session:
        standing = await places.standing(session, code)
        listed = await listings.of_country(session, lang, code)
    kilobytes = await sizes(packs, code, lang) if standing.answers or listed else {}
    async with rig.service.database.reading() as session:
        return page(
            request,
            "country.html",
            lang=lang,
            tag=of_country(code),
            code=code,
            languages_there=COUNTRIES[code].languages,
            standing=standing,
            sizes=kilobytes,
            shelves=await places.shelves_of(session, lang, code),
            listed=listed,
            changes=await places.latest_changes(session, lang, code),
            partner=await places.partner_state(session, code),
        )


@router.get("/{lang}/topics/{code}")
async def topic(request: Request, lang: PublicLang, code: str, rig: InRig) -> Response:
    """What there is to read on one topic or group of topics."""
    known = GROUPS.get(code) or TOPICS.get(code)
    if known is None:
        raise NotFound
    async with rig.service.database.reading() as session:
        by_country = await places.countries_about(session, code)
        counts = await shelves.counts_by_topic(session)
        return page(
            request,
            "topic.html",
            lang=lang,
            code=code,
            group=known.parent or code,
            total=by_country.total(),
            cards=await shelves.checked_last(session, lang, code, limit=places.PER_TOPIC_PAGE),
            counts={
                each: counts[each]
                for each, within in TOPICS.items()
                if within.parent == (known.parent or code)
            },
            by_country=by_country,
        )
