"""The programme: the editions to come, and a page for each."""

from cri_shared.web.caching import cacheable
from cri_shared.web.markdown import to_html
from cri_shared.web.pages import PublicLang, render
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from cri_training.queries import editions
from cri_training.rig import InRig

router = APIRouter(include_in_schema=False)
FRESH_SECONDS, STALE_SECONDS = 20, 60  # places are taken every minute


@router.get("/{lang}/")
async def home(lang: PublicLang) -> RedirectResponse:
    """Training's first page is the programme."""
    return RedirectResponse(f"/{lang}/workshops", 303)


@router.get("/{lang}/workshops")
async def programme(request: Request, lang: PublicLang, rig: InRig, language: str = "") -> Response:
    """The editions to come, all or those in one language."""
    async with rig.service.database.reading() as session:
        spoken = await editions.spoken(session)
        known = language if language in dict(spoken) else None
        coming = await editions.coming(session, known)
    page = render(
        request, "programme.html", lang=lang, editions=coming, spoken=spoken, language=known
    )
    return cacheable(request, page, seconds=FRESH_SECONDS, stale=STALE_SECONDS)


@router.get("/{lang}/workshops/{edition_id}")
async def edition_page(request: Request, lang: PublicLang, rig: InRig, edition_id: str) -> Response:
    """One edition: what, when, where, with whom, and whether there are places."""
    async with rig.service.database.reading() as session:
        edition = await editions.public_edition(session, edition_id)
        workshop = await editions.workshop(session, edition.workshop_id)
    page = render(
        request, "edition.html", lang=lang, edition=edition, workshop=workshop, html=to_html
    )
    return cacheable(request, page, seconds=FRESH_SECONDS, stale=STALE_SECONDS)
