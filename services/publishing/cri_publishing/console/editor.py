"""The editor: the original text of a draft with its facts and sources."""

from typing import Any

from cri_shared.db import Work
from cri_shared.identity.guard import Permitted
from cri_shared.web.forms import N_, Submitted, read_form
from cri_shared.web.markdown import to_html
from cri_shared.web.pages import language_of, render, see_other
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from cri_publishing.actions import editing
from cri_publishing.console import forms
from cri_publishing.console.doors import NO_STORE, address
from cri_publishing.console.problems import problems_on
from cri_publishing.models import DraftChanged, VersionState, WrongStep
from cri_publishing.queries import pages
from cri_publishing.rig import InRig, Rig
from cri_publishing.rules.checks import Problem
from cri_publishing.rules.draft import Draft

router = APIRouter(prefix="/console/entries", include_in_schema=False)


@router.get("/{entry_id}/edit")
async def edit_page(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """The form with the draft as it is."""
    async with rig.service.database.reading() as session:
        page = await pages.entry_page(session, rig, entry_id)
    if page.version is None or page.draft is None or page.version.state != VersionState.DRAFT:
        return see_other(request, address(entry_id), WrongStep.message)
    values = forms.values_of(page.draft, page.version.edition)
    return _page(request, page, values, problems=await problems_on(page))


def _page(
    request: Request,
    page: pages.EntryPage,
    v: dict[str, Any],
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    preview: str | None = None,
    theirs: Draft | None = None,
    one_more: int = 1,
    problems: list[Problem] | None = None,
    checked: bool = False,
) -> HTMLResponse:
    return render(
        request,
        "edit.html",
        status=status,
        page=page,
        v=v,
        errors=errors or {},
        preview=None if preview is None else to_html(preview),
        theirs=theirs,
        source_rows=min(forms.rows_typed(v, "source") + one_more, forms.MOST_SOURCES),
        account_rows=max(2, min(forms.rows_typed(v, "account"), forms.MOST_ACCOUNTS)),
        to_html=to_html,
        problems=problems,
        checked=checked,
        headers=NO_STORE,
    )


@router.post("/{entry_id}/edit")
async def edit(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Save, preview, check, or make room for one more source; nothing typed is ever lost."""
    form = await read_form(request, forms.EntryForm)
    async with rig.service.database.reading() as session:
        page = await pages.entry_page(session, rig, entry_id)
    if page.version is None or page.draft is None:
        return see_other(request, address(entry_id), WrongStep.message)
    draft = forms.draft_of_form(form, page.draft, language_of(request))
    do = str(form.values.get("do", "save"))
    if do != "save" or draft is None or form.data is None:
        return await _typed(request, page, form, draft, do)
    return await _save(request, rig, page, form, draft, staff)


async def _typed(
    request: Request,
    page: pages.EntryPage,
    form: Submitted[forms.EntryForm],
    draft: Draft | None,
    do: str,
) -> HTMLResponse:
    """The form as it was sent, with what the rules say of it; or only what they say."""
    problems = None if draft is None else await problems_on(page, draft)
    if form.values.get("part") == "problems":
        return render(
            request, "problems.html", page=page, problems=problems, where="edit", headers=NO_STORE
        )
    return _page(
        request,
        page,
        form.values,
        status=422 if do == "save" else 200,
        errors={} if do == "add_source" else form.errors,
        preview=str(form.values.get("answer", "")) if do == "preview" else None,
        one_more=2 if do == "add_source" else 1,
        problems=problems,
        checked=do == "check",
    )


async def _save(
    request: Request,
    rig: Rig,
    page: pages.EntryPage,
    form: Submitted[forms.EntryForm],
    draft: Draft,
    staff: Permitted,
) -> Response:
    entry_id, edition = page.entry.entry_id, form.data.edition if form.data else 0
    if draft == page.draft:  # the same form again, or nothing changed
        return see_other(request, address(entry_id), N_("Saved."))

    async def save(work: Work) -> None:
        await editing.save_draft(work, rig, entry_id, draft, edition=edition, by=staff)

    try:
        async with rig.service.database.writing() as work:
            await save(work)
    except (DraftChanged, WrongStep) as conflict:
        async with rig.service.database.reading() as session:
            page = await pages.entry_page(session, rig, entry_id)
        form.refuse("edition", conflict.message)
        version = page.version
        values = form.values | {"edition": version.edition if version else edition}
        return _page(
            request,
            page,
            values,
            status=409,
            errors=form.errors,
            theirs=page.draft,
            problems=await problems_on(page, draft),
        )
    return see_other(request, address(entry_id), N_("Saved."))
