"""The programme: the editions to come, and a page for each."""

from cri_shared.web.markdown import to_html
from cri_shared.web.pages import PublicLang, render
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from cri_training.queries import editions
from cri_training.rig import InRig

router = APIRouter()


@router.get("/{lang}/")
async def home(lang: PublicLang) -> RedirectResponse:
    """Training's first page is the programme."""
    return RedirectResponse(f"/{lang}/workshops", 303)


@router.get("/{lang}/workshops")
async def programme(
    request: Request, lang: PublicLang, rig: InRig, language: str = ""
) -> HTMLResponse:
    """The editions to come, all or those in one language."""
    async with rig.service.database.reading() as session:
        spoken = await editions.spoken(session)
        known = language if language in dict(spoken) else None
        coming = await editions.coming(session, known)
    return render(
        request, "programme.html", lang=lang, editions=coming, spoken=spoken, language=known
    )


@router.get("/{lang}/workshops/{edition_id}")
async def edition_page(
    request: Request, lang: PublicLang, rig: InRig, edition_id: str
) -> HTMLResponse:
    """One edition: what, when, where, with whom, and whether there are places."""
    async with rig.service.database.reading() as session:
        edition = await editions.public_edition(session, edition_id)
        workshop = await editions.workshop(session, edition.workshop_id)
    return render(
        request, "edition.html", lang=lang, edition=edition, workshop=workshop, html=to_html
    )
