"""An entry's page: what readers see, what is being worked on, its versions and its history."""

from typing import Any

from cri_shared.errors import NotFound
from cri_shared.identity.guard import Permitted
from cri_shared.privacy.gate import MAY_STAY, by_kind
from cri_shared.web.audit import called
from cri_shared.web.markdown import to_html
from cri_shared.web.pages import render
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from cri_publishing.console.doors import NO_STORE
from cri_publishing.console.problems import problems_on
from cri_publishing.desk import open_draft
from cri_publishing.facts import changes_of
from cri_publishing.models import VersionState
from cri_publishing.queries import pages
from cri_publishing.queries.staff import approvers
from cri_publishing.rig import InRig, Rig
from cri_publishing.rules.checks import Problem, blocking, to_confirm, to_mark
from cri_publishing.rules.compare import facts_changed, sources_changed, words_changed

router = APIRouter(prefix="/console/entries", include_in_schema=False)


async def show(
    request: Request,
    rig: Rig,
    entry_id: str,
    *,
    status: int = 200,
    v: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> HTMLResponse:
    """The page of an entry, with what was typed into one of its forms."""
    async with rig.service.database.reading() as session:
        page = await pages.entry_page(session, rig, entry_id)
    problems: list[Problem] = []
    version = page.version
    if version is not None and version.state == VersionState.DRAFT:
        problems = await problems_on(page)
    return render(
        request,
        "entry.html",
        status=status,
        page=page,
        called=called(request),
        problems=problems,
        blocked=bool(blocking(problems)),
        must_confirm=bool(to_confirm(problems)),
        to_mark=by_kind(to_mark(problems)),
        gate_why=MAY_STAY,
        approvers=await approvers(rig, version) if version else [],
        changes=changes_of(page.published),
        to_html=to_html,
        v=v or {},
        errors=errors or {},
        headers=NO_STORE,
    )


@router.get("/{entry_id}")
async def entry(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> HTMLResponse:
    """The page of an entry."""
    return await show(request, rig, entry_id)


@router.get("/{entry_id}/versions/{number}")
async def version(
    request: Request, entry_id: str, number: int, rig: InRig, staff: Permitted
) -> HTMLResponse:
    """One version, whole, as it was or will be."""
    async with rig.service.database.reading() as session:
        found = await pages.version_of(session, entry_id, number)
        draft = await open_draft(rig, found)
    return render(
        request, "version.html", version=found, draft=draft, to_html=to_html, headers=NO_STORE
    )


@router.get("/{entry_id}/compare")
async def compare(
    request: Request,
    entry_id: str,
    rig: InRig,
    staff: Permitted,
    before: int,
    after: int,
    language: str | None = None,
) -> HTMLResponse:
    """What changed between two versions, word by word, in one language."""
    async with rig.service.database.reading() as session:
        old = await open_draft(rig, await pages.version_of(session, entry_id, before))
        new = await open_draft(rig, await pages.version_of(session, entry_id, after))
    chosen = language or new.original.language
    was, now = old.text_in(chosen), new.text_in(chosen)
    if was is None and now is None:
        raise NotFound
    languages = dict.fromkeys(text.language for text in (*new.texts, *old.texts))
    return render(
        request,
        "compare.html",
        entry_id=entry_id,
        before=before,
        after=after,
        old=old,
        new=new,
        chosen=chosen,
        languages_there=list(languages),
        facts=facts_changed(old, new),
        sources=sources_changed(old, new),
        question=words_changed(was.question if was else "", now.question if now else ""),
        answer=words_changed(was.answer if was else "", now.answer if now else ""),
        headers=NO_STORE,
    )
