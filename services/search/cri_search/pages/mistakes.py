"""A reader reports a mistake in a contact or programme. No cookie, no script, no name."""

from collections.abc import Sequence
from typing import Annotated, Literal

from cri_shared.errors import NotFound
from cri_shared.events.search import ListingReported
from cri_shared.privacy.classes import C1, C2
from cri_shared.privacy.gate import MAY_STAY, Suspect, by_kind
from cri_shared.web.forms import N_, FormModel, Submitted, check_form_token, read_form
from cri_shared.web.gating import keep_people_out
from cri_shared.web.lanes import slowed
from cri_shared.web.pages import PublicLang, render
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import Field

from cri_search.counting import first_time, report
from cri_search.pages.feedback import JUDGING, MOST, NO_STORE
from cri_search.queries import listings
from cri_search.queries.listings import Listed
from cri_search.rig import InRig, Rig

router = APIRouter(include_in_schema=False)


class MistakeForm(FormModel):
    """What is wrong; the words are the reader's."""

    kind: Annotated[Literal["wrong", "contact", "unclear", "harm"], C1]
    text: Annotated[str | None, Field(max_length=MOST), C2] = None
    messages = {"kind": N_("Choose what is wrong")}  # noqa: RUF012


@router.get("/{lang}/listings/{listing_id}/mistake")
async def form_page(request: Request, lang: PublicLang, listing_id: str, rig: InRig) -> Response:
    """The empty form."""
    return _page(request, lang, await _listing(rig, listing_id, lang), Submitted(None, {}))


@router.post("/{lang}/listings/{listing_id}/mistake", dependencies=[Depends(slowed(JUDGING))])
async def take(request: Request, lang: PublicLang, listing_id: str, rig: InRig) -> Response:
    """Tell editors; the same form again shows the same thanks."""
    one = await _listing(rig, listing_id, lang)
    form = await read_form(request, MistakeForm, lang)
    form_id = await check_form_token(request, form)
    said = form.data
    names = await keep_people_out(form, ("text",)) if said is not None and said.text else []
    if said is None or form_id is None or form.errors:
        return _page(request, lang, one, form, names)
    async with rig.service.database.writing() as work:
        if await first_time(work, form_id):
            words = {"kind": said.kind, "text": said.text, "language": lang}
            await report(work, ListingReported, {"listing_id": listing_id}, words)
    back = f"/{lang}/countries/{one.facts.country}#{one.what}-{listing_id}"
    return render(
        request, "feedback_done.html", lang=lang, back=back, of_listing=True, headers=NO_STORE
    )


async def _listing(rig: Rig, listing_id: str, lang: str) -> Listed:
    async with rig.service.database.reading() as session:
        found = await listings.listed(session, lang, listing_id)
    if found is None:
        raise NotFound
    return found


def _page(
    request: Request,
    lang: str,
    one: Listed,
    form: Submitted[MistakeForm],
    names: Sequence[Suspect] = (),
) -> Response:
    return render(
        request,
        "listing_mistake.html",
        lang=lang,
        status=422 if form.errors else 200,
        one=one,
        kinds=by_kind(names),
        gate_why=MAY_STAY,
        v=form.values,
        errors=form.errors,
        headers=NO_STORE,
    )
