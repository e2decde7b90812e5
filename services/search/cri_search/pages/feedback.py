"""What a reader thinks of an answer: useful or not, or a mistake. No cookie, no script, no name."""

from collections.abc import Sequence
from typing import Annotated, Literal

from cri_shared.events.search import MistakeReported
from cri_shared.privacy.classes import C1, C2
from cri_shared.privacy.gate import MAY_STAY, Suspect, by_kind
from cri_shared.web.forms import N_, FormModel, Submitted, check_form_token, read_form
from cri_shared.web.gating import keep_people_out
from cri_shared.web.lanes import Lane, Pace, slowed
from cri_shared.web.pages import PublicLang, render
from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import Field

from cri_search.counting import first_time, rate, report
from cri_search.models import Entry
from cri_search.queries import entries
from cri_search.rig import InRig, Rig
from cri_search.rules.standing import State
from cri_search.shapes import EntryIsWithdrawn

router = APIRouter(include_in_schema=False)
NO_STORE = {"Cache-Control": "no-store"}
MOST = 1000
JUDGING = Lane("judging", each=Pace(5, 60.0), longest=5.0)


class FeedbackForm(FormModel):
    """A reader's word; at least one thing must be said."""

    useful: Annotated[Literal["yes", "no"] | None, C1] = None
    kind: Annotated[Literal["wrong", "contact", "unclear", "harm"] | None, C1] = None
    text: Annotated[str | None, Field(max_length=MOST), C2] = None


@router.get("/{lang}/entries/{slug}/feedback")
async def form_page(
    request: Request, lang: PublicLang, slug: str, rig: InRig, useful: str = ""
) -> Response:
    """The form; `useful` is what the reader chose on the page of the answer."""
    entry = await _entry(rig, slug)
    chosen = {"useful": useful} if useful in ("yes", "no") else {}
    return await _page(request, rig, lang, entry, Submitted(None, chosen))


@router.post("/{lang}/entries/{slug}/feedback", dependencies=[Depends(slowed(JUDGING))])
async def take(request: Request, lang: PublicLang, slug: str, rig: InRig) -> Response:
    """Count it, or tell editors; the same form again shows the same thanks."""
    entry = await _entry(rig, slug)
    form = await read_form(request, FeedbackForm, lang)
    form_id = await check_form_token(request, form)
    said = form.data
    if said is not None and not (said.useful or said.kind or said.text):
        form.refuse("useful", N_("Choose yes or no, or say what is wrong"))
    if said is not None and said.text and not said.kind:
        form.refuse("kind", N_("Choose what is wrong"))
    names = await keep_people_out(form, ("text",)) if said is not None and said.text else []
    if said is None or form_id is None or form.errors:
        return await _page(request, rig, lang, entry, form, names=names)
    async with rig.service.database.writing() as work:
        if await first_time(work, form_id):
            if said.useful:
                await rate(work, entry.entry_id, useful=said.useful == "yes")
            if said.kind:
                words = {"kind": said.kind, "text": said.text, "language": lang}
                await report(work, MistakeReported, {"entry_id": entry.entry_id}, words)
    back = f"/{lang}/entries/{entry.slug}"
    return render(
        request, "feedback_done.html", lang=lang, back=back, of_listing=False, headers=NO_STORE
    )


async def _entry(rig: Rig, slug: str) -> Entry:
    async with rig.service.database.reading() as session:
        found = await entries.entry_at(session, slug)
    if found.state == State.WITHDRAWN:
        raise EntryIsWithdrawn
    return found


async def _page(
    request: Request,
    rig: Rig,
    lang: str,
    entry: Entry,
    form: Submitted[FeedbackForm],
    *,
    names: Sequence[Suspect] = (),
) -> Response:
    async with rig.service.database.reading() as session:
        whole = await entries.whole(session, entry, lang)
    return render(
        request,
        "feedback.html",
        lang=lang,
        status=422 if form.errors else 200,
        e=entry,
        asked=whole.shown,
        kinds=by_kind(names),
        gate_why=MAY_STAY,
        v=form.values,
        errors=form.errors,
        headers=NO_STORE,
    )
