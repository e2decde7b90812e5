"""Pages that say how we work: checking answers, privacy, accessibility."""

from cri_shared.web.pages import PublicLang
from fastapi import APIRouter, Request
from fastapi.responses import Response

from cri_search.pages.keeping import page

router = APIRouter(include_in_schema=False)


@router.get("/{lang}/about")
async def about(request: Request, lang: PublicLang) -> Response:
    """How an answer is found and checked."""
    return page(request, "about.html", lang=lang)


@router.get("/{lang}/privacy")
async def privacy(request: Request, lang: PublicLang) -> Response:
    """What we keep of whom, and for how long."""
    return page(request, "privacy.html", lang=lang)


@router.get("/{lang}/accessibility")
async def accessibility(request: Request, lang: PublicLang) -> Response:
    """What works for everybody, and what does not yet."""
    return page(request, "accessibility.html", lang=lang)
