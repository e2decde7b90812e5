"""Workshops, the templates of editions, for trainers."""

from cri_shared.identity import audit
from cri_shared.identity.guard import Permitted
from cri_shared.web.audit import called
from cri_shared.web.forms import N_, check_form_token, read_form
from cri_shared.web.pages import render, see_other
from cri_shared.web.sheets import Sheet
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from sqlalchemy import select

from cri_training.actions import editions as actions
from cri_training.console.forms import LANGUAGES, WorkshopForm
from cri_training.models import Workshop, messaging
from cri_training.queries import editions
from cri_training.rig import InRig
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
async def new_workshop(request: Request, staff: Permitted) -> HTMLResponse:
    """The empty form."""
    return _form(request, {"language": staff.language, "certificate_percent": USUAL_PERCENT}, {})


def _form(
    request: Request,
    v: object,
    errors: dict[str, str],
    workshop: object = None,
    history: object = (),
) -> HTMLResponse:
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
    )


@router.post("/new")
async def make_workshop(request: Request, rig: InRig, staff: Permitted) -> Response:
    """Make a template; the same form twice makes one."""
    form = await read_form(request, WorkshopForm)
    form_id = await check_form_token(request, form)
    if form.data is None or form_id is None:
        return _form(request, form.values, form.errors)
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
    v: dict[str, object] = {"title": one.title, "summary": one.summary, "language": one.language}
    v["certificate_percent"] = one.certificate_percent
    return _form(request, v, {}, one, history)


@router.post("/{workshop_id}")
async def change_workshop(
    request: Request, rig: InRig, staff: Permitted, workshop_id: str
) -> Response:
    """Change the words of a template."""
    form = await read_form(request, WorkshopForm)
    async with rig.service.database.writing() as work:
        one = await editions.workshop(work.session, workshop_id)
        if form.data is not None:
            await actions.change_workshop(work, one, by=staff, **form.data.model_dump())
    if form.data is None:
        return _form(request, form.values, form.errors, one)
    return see_other(request, f"/console/workshops/{workshop_id}", N_("Saved."))
