"""Countries: is a partner there, and do questions go out by themselves."""

from dataclasses import dataclass
from typing import Annotated, Literal

from cri_shared.errors import NotFound
from cri_shared.identity.guard import Permitted
from cri_shared.places import COUNTRIES
from cri_shared.privacy.classes import C1
from cri_shared.web.forms import N_, FormModel, read_form
from cri_shared.web.pages import render, see_other, words_of
from cri_shared.web.sheets import Lines
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from cri_research.actions import partners
from cri_research.models import CountryState
from cri_research.queries import partners as queries
from cri_research.queries.desks import coordinators
from cri_research.rig import InRig, Rig

router = APIRouter(prefix="/console/countries", include_in_schema=False)
_CHOICES = {"yes": True, "no": False, "default": None}


class PolicyForm(FormModel):
    """Whether questions go to the best partner without a person looking first, and whose desk."""

    desk: Annotated[str | None, Field(max_length=32), C1] = None
    automatic: Annotated[Literal["yes", "no", "default"], C1]
    messages = {"automatic": N_("Choose one of the three")}  # noqa: RUF012


@dataclass(frozen=True)
class Line:
    """A country as a spreadsheet reads it; `sends_itself` is empty where it is as usual."""

    country: Annotated[str, C1]
    country_name: Annotated[str, C1]
    partners: Annotated[int, C1]  # who can take questions
    desk: Annotated[str | None, C1]
    sends_itself: Annotated[bool | None, C1]


LINES = Lines(Line)


@router.get("")
async def overview(request: Request, staff: Permitted, rig: InRig) -> HTMLResponse:
    """Every country."""
    return await _page(request, rig, {})


@router.get(".csv")
async def countries_along(request: Request, staff: Permitted, rig: InRig) -> Response:
    """Every country for a spreadsheet."""
    states, available = await _known(rig)
    desks = {one.staff_id: one.name for one in await coordinators(rig)}

    def line(name: str, code: str) -> Line:
        state = states.get(code)
        desk = desks.get(state.desk_id or "") if state else None
        return Line(code, name, available[code], desk, state.automatic if state else None)

    return LINES.answer(request, (line(*one) for one in words_of(request).countries()))


async def _known(rig: Rig) -> tuple[dict[str, CountryState], dict[str, int]]:
    """What is known of countries, and how many partners in each can take questions."""
    async with rig.service.database.reading() as session:
        states = await queries.countries(session)
        everybody = await queries.all_partners(session)
    return states, {
        code: sum(p.is_available and code in p.countries for p in everybody) for code in COUNTRIES
    }


async def _page(request: Request, rig: Rig, errors: dict[str, str]) -> HTMLResponse:
    states, available = await _known(rig)
    return render(
        request,
        "countries.html",
        status=422 if errors else 200,
        states=states,
        available=available,
        errors=errors,
        coordinators=await coordinators(rig),
        by_default=rig.settings.automatic_dispatch,
        score=rig.settings.automatic_score,
    )


@router.post("/{code}")
async def set_policy(request: Request, staff: Permitted, rig: InRig, code: str) -> Response:
    """Set the switch of one country."""
    if code not in COUNTRIES:
        raise NotFound
    form = await read_form(request, PolicyForm)
    desk = form.data.desk if form.data else None
    if desk and desk not in {one.staff_id for one in await coordinators(rig)}:
        form.refuse("desk", N_("Choose somebody who is a coordinator."))
    if form.data is None or form.errors:
        return await _page(request, rig, form.errors)
    async with rig.service.database.writing() as work:
        await partners.set_policy(work, code, _CHOICES[form.data.automatic], desk, by=staff)
    return see_other(request, "/console/countries", N_("Saved."))
