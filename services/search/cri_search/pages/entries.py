"""The page of one entry, and what its address says once it is gone."""

from cri_shared.web.pages import PublicLang, render
from fastapi import APIRouter, Request
from fastapi.responses import Response

from cri_search.pages.keeping import of_entry, page
from cri_search.queries import entries, listings, places, shelves
from cri_search.rig import InRig
from cri_search.rules.asked import Asked
from cri_search.rules.standing import State

router = APIRouter(include_in_schema=False)


@router.get("/{lang}/entries/{slug}")
async def entry(
    request: Request, lang: PublicLang, slug: str, rig: InRig, language: str | None = None
) -> Response:
    """An answer; `language` shows another language version than the reader's own."""
    async with rig.service.database.reading() as session:
        found = await entries.entry_at(session, slug)
        if found.state == State.WITHDRAWN:
            return render(request, "gone.html", lang=lang, status=410, asked=Asked(), e=found)
        whole = await entries.whole(session, found, lang, language)
        return page(
            request,
            "entry.html",
            lang=lang,
            tag=of_entry(found.entry_id),
            w=whole,
            e=found,
            v=whole.shown,
            others=await shelves.others(session, lang, found),
            listed=await listings.are_there(session, found.country or ""),
            partner=await places.partner_state(session, found.country or ""),
        )
