"""The other languages of an entry, each written beside the original it translates."""

import re
from typing import Annotated, Any

from cri_shared.errors import NotFound
from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import Staff
from cri_shared.places import canonical_language
from cri_shared.web.forms import N_, Submitted, read_form
from cri_shared.web.markdown import to_html
from cri_shared.web.pages import render, see_other
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from cri_publishing.actions import editing
from cri_publishing.console import forms
from cri_publishing.console.doors import NO_STORE, address
from cri_publishing.console.problems import problems_on
from cri_publishing.facts import draft_of
from cri_publishing.models import DraftChanged, VersionState, WrongStep
from cri_publishing.queries import pages
from cri_publishing.rig import InRig, Rig
from cri_publishing.rules.checks import Problem
from cri_publishing.rules.compare import Piece, words_changed
from cri_publishing.rules.draft import Draft, Text

router = APIRouter(prefix="/console/entries", include_in_schema=False)


def _tag(language: str) -> str:
    if not re.fullmatch(r"[a-z]{2,4}(-[A-Z]{2})?", language):
        raise NotFound
    return canonical_language(language)


Language = Annotated[str, Depends(_tag)]


@router.get("/{entry_id}/languages")
async def choose(entry_id: str, staff: Permitted, language: Language) -> RedirectResponse:
    """From the list of languages to the page of one."""
    return RedirectResponse(address(entry_id, f"/languages/{language}"), 303)


@router.get("/{entry_id}/languages/{language}")
async def text_page(
    request: Request, entry_id: str, language: Language, rig: InRig, staff: Permitted
) -> Response:
    """The translation beside the original."""
    async with rig.service.database.reading() as session:
        page = await pages.entry_page(session, rig, entry_id)
    if page.version is None or page.draft is None or page.version.state != VersionState.DRAFT:
        return see_other(request, address(entry_id), WrongStep.message)
    if language == page.draft.original.language:
        return RedirectResponse(address(entry_id, "/edit"), 303)
    text = page.draft.text_in(language) or Text(language)
    values = {
        "edition": page.version.edition,
        "question": text.question,
        "answer": text.answer,
    }
    return await _page(request, page, language, values, typed=text)


async def _page(
    request: Request,
    page: pages.EntryPage,
    language: str,
    v: dict[str, Any],
    *,
    status: int = 200,
    errors: dict[str, str] | None = None,
    preview: str | None = None,
    theirs: Text | None = None,
    typed: Text | None = None,
    checked: bool = False,
) -> HTMLResponse:
    """The form as it was sent, with what the rules say of it; or only what they say."""
    draft: Draft | None = page.draft
    problems = await _problems(page, typed) if typed else None
    if v.get("part") == "problems":
        return render(
            request, "problems.html", page=page, problems=problems, where=language, headers=NO_STORE
        )
    text = draft.text_in(language) if draft else None
    return render(
        request,
        "language.html",
        status=status,
        page=page,
        language=language,
        text=text,
        since=_since(page, text),
        problems=problems,
        checked=checked,
        v=v,
        errors=errors or {},
        preview=None if preview is None else to_html(preview),
        theirs=theirs,
        headers=NO_STORE,
    )


async def _problems(page: pages.EntryPage, typed: Text) -> list[Problem]:
    """What the rules say of one translation."""
    if page.draft is None:
        return []
    found = await problems_on(page, page.draft.with_text(typed))
    return [problem for problem in found if problem.language == typed.language]


def _since(page: pages.EntryPage, text: Text | None) -> tuple[list[Piece], list[Piece]] | None:
    """How the original changed since a stale translation was made, where that is known."""
    if text is None or page.draft is None or not page.draft.is_stale(text):
        return None
    for version in page.published:
        was, now = draft_of(version).original, page.draft.original
        if was.fingerprint == text.translates:
            return words_changed(was.question, now.question), words_changed(was.answer, now.answer)
    return None


@router.post("/{entry_id}/languages/{language}")
async def save_text(
    request: Request, entry_id: str, language: Language, rig: InRig, staff: Permitted
) -> Response:
    """Save, preview, check or remove a translation."""
    form = await read_form(request, forms.TextForm)
    async with rig.service.database.reading() as session:
        page = await pages.entry_page(session, rig, entry_id)
    if page.version is None or page.draft is None:
        return see_other(request, address(entry_id), WrongStep.message)
    if language == page.draft.original.language:
        raise NotFound
    do = form.values.get("do", "save")
    if form.data is None or do in ("preview", "check"):
        return await _page(
            request,
            page,
            language,
            form.values,
            status=200 if do in ("preview", "check") else 422,
            errors=form.errors,
            preview=str(form.values.get("answer", "")) if do == "preview" else None,
            typed=forms.text_of_form(form.data, language) if form.data else None,
            checked=do == "check",
        )
    try:
        await _keep(rig, page, language, form.data, staff)
    except (DraftChanged, WrongStep) as conflict:
        return await _conflict(request, rig, entry_id, language, form, conflict.message)
    return see_other(request, address(entry_id), N_("Saved."))


async def _keep(
    rig: Rig, page: pages.EntryPage, language: str, data: forms.TextForm, staff: Staff
) -> None:
    entry_id, before = page.entry.entry_id, page.draft.text_in(language) if page.draft else None
    text = forms.text_of_form(data, language)
    fresh = before is not None and page.draft is not None and not page.draft.is_stale(before)
    if data.do == "save" and fresh and before.fingerprint == text.fingerprint:  # type: ignore[union-attr]
        return  # the same form again
    if data.do == "remove" and before is None:
        return
    async with rig.service.database.writing() as work:
        if data.do == "remove":
            await editing.remove_translation(
                work, rig, entry_id, language, edition=data.edition, by=staff
            )
        else:
            await editing.save_translation(
                work, rig, entry_id, text, edition=data.edition, by=staff
            )


async def _conflict(
    request: Request,
    rig: Rig,
    entry_id: str,
    language: str,
    form: Submitted[forms.TextForm],
    message: str,
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        page = await pages.entry_page(session, rig, entry_id)
    form.refuse("edition", message)
    edition = page.version.edition if page.version else form.values.get("edition")
    theirs = page.draft.text_in(language) if page.draft else None
    return await _page(
        request,
        page,
        language,
        form.values | {"edition": edition},
        status=409,
        errors=form.errors,
        theirs=theirs,
        typed=forms.text_of_form(form.data, language) if form.data else None,
    )
