"""Workshops, the templates of editions, for trainers."""

from cri_shared.identity import audit
from cri_shared.identity.guard import Permitted
from cri_shared.web.audit import called
from cri_shared.web.forms import N_, Submitted, check_form_token, read_form
from cri_shared.web.pages import render, see_other
from cri_shared.web.sheets import Sheet
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select

from cri_training.actions import editions as actions
from cri_training.console.forms import LANGUAGES, WorkshopForm
from cri_training.models import Workshop, messaging
from cri_training.queries import editions
from cri_training.rig import InRig, Rig
from cri_training.rules.certificates import USUAL_PERCENT

router = APIRouter(prefix="/console/workshops", include_in_schema=False)
SHEET = Sheet(
    *(Workshop.workshop_id, Workshop.title, Workshop.language),
    *(Workshop.created_at, Workshop.changed_at),
)


@router.get("")
async def workshops(request: Request, rig: InRig, staff: Permitted) -> HTMLResponse:
    """Every template."""
    async with rig.service.database.reading() as session:
        rows = await editions.workshops(session)
    return render(request, "console_workshops.html", rows=rows)


@router.get(".csv")
async def workshops_along(request: Request, rig: InRig, staff: Permitted) -> Response:
    """Every template for a spreadsheet."""
    rows = select(Workshop).order_by(Workshop.title, Workshop.workshop_id)
    async with rig.service.database.reading() as session:
        return await SHEET.answer(request, session, rows)


@router.get("/new")
async def new_workshop(request: Request, rig: InRig, staff: Permitted) -> HTMLResponse:
    """The empty form."""
    usual = {"language": staff.language, "certificate_percent": USUAL_PERCENT}
    return await _form(request, rig, usual, {})


async def _form(
    request: Request,
    rig: Rig,
    v: object,
    errors: dict[str, str],
    workshop: Workshop | None = None,
    history: object = (),
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        titles = await editions.titles(session)
    own = workshop.workshop_id if workshop else ""
    return render(
        request,
        "console_workshop.html",
        status=422 if errors else 200,
        v=v,
        errors=errors,
        workshop=workshop,
        history=history,
        called=called(request),
        choices=LANGUAGES,
        others=[(one, title) for one, title in titles if one != own],
    )


async def _check_requires(rig: Rig, form: Submitted[WorkshopForm], own: str = "") -> None:
    """Say so where what is asked for first is no other workshop."""
    requires = form.data.requires if form.data else None
    if requires is None:
        return
    async with rig.service.database.reading() as session:
        known = {one for one, _ in await editions.titles(session)} - {own}
    if requires not in known:
        form.refuse("requires", N_("Choose one of the options"))


@router.post("/new")
async def make_workshop(request: Request, rig: InRig, staff: Permitted) -> Response:
    """Make a template; the same form twice makes one."""
    form = await read_form(request, WorkshopForm)
    form_id = await check_form_token(request, form)
    await _check_requires(rig, form)
    if form.data is None or form_id is None or form.errors:
        return await _form(request, rig, form.values, form.errors)
    words = form.data.model_dump()
    made = await actions.make_once(
        rig, lambda work: actions.make_workshop(work, form_id=form_id, by=staff, **words)
    )
    return see_other(request, f"/console/workshops/{made.workshop_id}", N_("Saved."))


@router.get("/{workshop_id}")
async def workshop(
    request: Request, rig: InRig, staff: Permitted, workshop_id: str
) -> HTMLResponse:
    """One template, to change."""
    async with rig.service.database.reading() as session:
        one = await editions.workshop(session, workshop_id)
        history = await audit.history(session, messaging.audit, workshop_id)
    asked = ("title", "summary", "language", "requires", "certificate_percent")
    v = {name: getattr(one, name) for name in asked}
    return await _form(request, rig, v, {}, one, history)


@router.post("/{workshop_id}")
async def change_workshop(
    request: Request, rig: InRig, staff: Permitted, workshop_id: str
) -> Response:
    """Change the words of a template."""
    form = await read_form(request, WorkshopForm)
    await _check_requires(rig, form, workshop_id)
    async with rig.service.database.writing() as work:
        one = await editions.workshop(work.session, workshop_id)
        if form.data is not None and not form.errors:
            await actions.change_workshop(work, one, by=staff, **form.data.model_dump())
    if form.errors:
        return await _form(request, rig, form.values, form.errors, one)
    return see_other(request, f"/console/workshops/{workshop_id}", N_("Saved."))
