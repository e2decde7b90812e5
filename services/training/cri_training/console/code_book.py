"""The code book: obstacles by name, with what they mean and what became of them."""

from typing import Annotated, Any

from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.identity.guard import Permitted
from cri_shared.places import COUNTRIES, TOPICS
from cri_shared.privacy.classes import C1, C2
from cri_shared.privacy.gate import by_kind
from cri_shared.web.forms import N_, FormModel, Submitted, check_form_token, read_form
from cri_shared.web.gating import MAY_STAY, keep_people_out
from cri_shared.web.pages import render, see_other, words_of
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from cri_training.actions import code_book as actions
from cri_training.actions.code_book import Described
from cri_training.actions.editions import make_once
from cri_training.console.code_book_file import qdc
from cri_training.models import Code
from cri_training.queries import code_book as found
from cri_training.rig import InRig, Rig
from cri_training.rules.obstacles import MOST_SPLIT

router = APIRouter(prefix="/console/code-book", include_in_schema=False)
NOTHING = N_("Nothing changed.")


class CodeForm(FormModel):
    """What a code is called and means."""

    title: Annotated[str, Field(max_length=80), C1]
    definition: Annotated[str, Field(max_length=1000), C1]
    example: Annotated[str | None, Field(max_length=500), C2] = None
    parent: Annotated[str | None, Field(max_length=60), C1] = None
    country: Annotated[str | None, Field(max_length=2), C1] = None
    topic: Annotated[str | None, Field(max_length=60), C1] = None
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        ("title", "missing"): N_("Write a short name"),
        ("definition", "missing"): N_(
            "Write what it means, so that two people understand the same"
        ),
    }


class MergeForm(FormModel):
    """The code that takes another one in."""

    into: Annotated[str, Field(max_length=60), C1]
    messages = {("into", "missing"): N_("Choose a code")}  # noqa: RUF012


class SplitForm(FormModel):
    """The names of narrower codes, one a line."""

    titles: Annotated[str, Field(max_length=600), C1]
    messages = {("titles", "missing"): N_("Write at least two names, one on each line")}  # noqa: RUF012


@router.get("")
async def whole_book(request: Request, rig: InRig, staff: Permitted) -> HTMLResponse:
    """Every code."""
    async with rig.service.database.reading() as session:
        codes = await found.book(session)
    return render(request, "code_book.html", codes=codes, names={c.code: c.title for c in codes})


@router.get(".qdc")
async def qdc_file(request: Request, rig: InRig, staff: Permitted) -> Response:
    """The codes that are used, for another program."""
    async with rig.service.database.reading() as session:
        codes = await found.usable(session)
    if not codes:
        raise NotFound
    address = f"{rig.settings.public_url}{router.prefix}"
    headers = {
        "Content-Disposition": 'attachment; filename="code-book.qdc"',
        "Cache-Control": "no-store",
    }
    content = qdc(codes, words_of(request), address)
    return Response(content, media_type="application/xml", headers=headers)


@router.get("/new")
async def new_code(request: Request, rig: InRig, staff: Permitted) -> HTMLResponse:
    """The empty form."""
    return await _page(request, rig, None, {}, {})


@router.post("/new")
async def make_code(request: Request, rig: InRig, staff: Permitted) -> Response:
    """Make a code; the same form twice makes one."""
    form, names = await _read(request, rig)
    form_id = await check_form_token(request, form)
    if form.data is None or form.errors or form_id is None:
        return await _page(request, rig, None, form.values, form.errors, names)
    said = Described(**form.data.model_dump())

    async def make(work: Work) -> Code:
        return await actions.make_code(work, said, form_id=form_id, by=staff)

    made = await make_once(rig, make)
    return see_other(request, f"/console/code-book/{made.code}", N_("Saved."))


@router.get("/{obstacle}")
async def one_code(request: Request, rig: InRig, staff: Permitted, obstacle: str) -> HTMLResponse:
    """One code, with its history."""
    async with rig.service.database.reading() as session:
        code = await found.code_named(session, obstacle)
    return await _page(request, rig, code, _filled_in(code), {})


@router.post("/{obstacle}")
async def describe(request: Request, rig: InRig, staff: Permitted, obstacle: str) -> Response:
    """Another name, or other words for what it means."""
    form, names = await _read(request, rig, obstacle)
    async with rig.service.database.writing() as work:
        code = await found.code_named(work.session, obstacle)
        changed = False
        if form.data is not None and not form.errors:
            said = Described(**form.data.model_dump())
            changed = await actions.describe_code(work, code, said, by=staff)
    if form.errors:
        return await _page(request, rig, code, form.values, form.errors, names)
    return _back(request, obstacle, N_("Saved.") if changed else NOTHING)


@router.post("/{obstacle}/merge")
async def merge(request: Request, rig: InRig, staff: Permitted, obstacle: str) -> Response:
    """Let another code take it in."""
    form = await read_form(request, MergeForm)
    async with rig.service.database.writing() as work:
        code = await found.code_named(work.session, obstacle)
        others = {one.code for one in await found.usable(work.session)} - {obstacle}
        if form.data is not None and form.data.into not in others | {code.merged_into}:
            form.refuse("into", N_("Choose a code"))
        if form.data is not None and not form.errors:
            changed = await actions.merge_code(work, code, form.data.into, by=staff)
    if form.data is None or form.errors:
        return await _page(request, rig, code, _filled_in(code) | form.values, form.errors)
    return _back(request, obstacle, N_("Merged.") if changed else NOTHING)


@router.post("/{obstacle}/split")
async def split(request: Request, rig: InRig, staff: Permitted, obstacle: str) -> Response:
    """Let narrower codes take its place."""
    form = await read_form(request, SplitForm)
    lines = form.data.titles.splitlines() if form.data else []
    titles = list(dict.fromkeys(line.strip() for line in lines if line.strip()))
    if form.data is not None and not 2 <= len(titles) <= MOST_SPLIT:
        form.refuse("titles", N_("Write at least two names, one on each line"))
    if any(len(title) > 80 for title in titles):
        form.refuse("titles", N_("This text is too long"))
    async with rig.service.database.writing() as work:
        code = await found.code_named(work.session, obstacle)
        if not form.errors:
            await actions.split_code(work, code, titles, by=staff)
    if form.errors:
        return await _page(request, rig, code, _filled_in(code) | form.values, form.errors)
    said = N_("Split. Texts that were settled with it wait to be settled again.")
    return _back(request, obstacle, said)


def _back(request: Request, obstacle: str, said: str) -> Response:
    return see_other(request, f"/console/code-book/{obstacle}", said)


async def _read(
    request: Request, rig: Rig, obstacle: str = ""
) -> tuple[Submitted[CodeForm], list[Any]]:
    """The form, checked; its parent is a code that is used and not below it."""
    form = await read_form(request, CodeForm)
    data = form.data
    if data is not None:
        if data.country and data.country not in COUNTRIES:
            form.refuse("country", N_("Choose one of the options"))
        if data.topic and data.topic not in TOPICS:
            form.refuse("topic", N_("Choose one of the options"))
        if data.parent:
            async with rig.service.database.reading() as session:
                codes = await found.usable(session)
            parents = {code.code: code.parent for code in codes}
            if data.parent not in parents or obstacle in _line(data.parent, parents):
                form.refuse("parent", N_("Choose one of the options"))
    return form, await keep_people_out(form, ("definition", "example"))


def _line(code: str | None, parents: dict[str, str | None]) -> list[str]:
    """A code and those above it."""
    line: list[str] = []
    while code and code not in line:
        line.append(code)
        code = parents.get(code)
    return line


def _filled_in(code: Code) -> dict[str, Any]:
    return {name: getattr(code, name) for name in CodeForm.model_fields}


async def _page(
    request: Request,
    rig: Rig,
    code: Code | None,
    v: dict[str, Any],
    errors: dict[str, str],
    names: list[Any] | None = None,
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        book = await found.book(session)
        changes = await found.changes(session, code.code) if code else ()
    return render(
        request,
        "code.html",
        status=422 if errors else 200,
        code=code,
        v=v,
        errors=errors,
        changes=changes,
        titles={one.code: one.title for one in book},
        others=[one for one in book if one.is_used and (code is None or one.code != code.code)],
        kinds=by_kind(names or []),
        gate_why=MAY_STAY,
    )
