"""Something changed in a country: look at what it touches, then let it all be checked again."""

import datetime as dt
from typing import Annotated, Any, Literal

from cri_shared import clock
from cri_shared.db import new_id
from cri_shared.identity.guard import Permitted
from cri_shared.places import COUNTRIES, GROUPS, TOPICS
from cri_shared.privacy.classes import C1
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.pages import render, see_other
from cri_shared.web.sheets import Sheet
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field, field_validator

from cri_publishing.actions import changes as actions
from cri_publishing.console.doors import NO_STORE
from cri_publishing.console.forms import WRITE_A_DATE
from cri_publishing.models import ChangeKind, CountryChange
from cri_publishing.queries import changes
from cri_publishing.rig import InRig, Rig

router = APIRouter(prefix="/console/changes", include_in_schema=False)
ALL_TOPICS = "all"
_OURS = {ALL_TOPICS, *GROUPS, *TOPICS}
SHEET = Sheet(
    *(CountryChange.change_id, CountryChange.country, CountryChange.topics, CountryChange.kind),
    *(CountryChange.happened_on, CountryChange.entries, CountryChange.listings),
    *(CountryChange.declared_by, CountryChange.declared_at),
)


class ChangeForm(FormModel):
    """What changed, where, on which topics and when; `seen` is what was looked at before."""

    change_id: Annotated[str, Field(pattern=r"^[\w-]{22}$"), C1]
    country: Annotated[str, Field(max_length=2), C1]
    topics: Annotated[list[str], Field(min_length=1, max_length=80), C1]
    kind: Annotated[ChangeKind, C1]
    happened_on: Annotated[dt.date, C1]
    note: Annotated[str, Field(min_length=5, max_length=300), C1]
    seen: Annotated[str | None, Field(max_length=9000), C1] = None
    do: Annotated[Literal["look", "declare"], C1] = "look"
    messages = {  # noqa: RUF012
        "country": N_("Choose a country"),
        "topics": N_("Choose at least one topic"),
        "kind": N_("Choose what changed"),
        "happened_on": WRITE_A_DATE,
        "note": N_("Write in one sentence what changed"),
    }

    @field_validator("country")
    @classmethod
    def _is_ours(cls, country: str) -> str:
        if country not in COUNTRIES:
            raise ValueError("unknown country")
        return country

    @field_validator("topics")
    @classmethod
    def _are_ours(cls, topics: list[str]) -> list[str]:
        if set(topics) - _OURS:
            raise ValueError("unknown topic")
        return topics

    @property
    def chosen(self) -> tuple[str, ...]:
        """The topics and groups; none where it touches everything."""
        return () if ALL_TOPICS in self.topics else tuple(dict.fromkeys(self.topics))

    @property
    def scope(self) -> str:
        """What was looked at, to be sure that the same is declared."""
        return "/".join((self.country, self.happened_on.isoformat(), *self.chosen))


@router.get("")
async def overview(request: Request, rig: InRig, staff: Permitted) -> HTMLResponse:
    """The changes that were declared, and how far their entries have come."""
    async with rig.service.database.reading() as session:
        found = await changes.changes(session)
    return render(request, "changes.html", changes=found, headers=NO_STORE)


@router.get(".csv")
async def changes_along(request: Request, rig: InRig, staff: Permitted) -> Response:
    """Every change for a spreadsheet, the newest first, without what was written of it."""
    async with rig.service.database.reading() as session:
        return await SHEET.answer(request, session, changes.rows())


@router.get("/new")
async def new(
    request: Request,
    staff: Permitted,
    country: Annotated[str, Query(max_length=2)] = "",
) -> HTMLResponse:
    """The empty form."""
    return _page(request, {"country": country, "happened_on": clock.today().isoformat()})


def _page(
    request: Request,
    v: dict[str, Any],
    *,
    errors: dict[str, str] | None = None,
    touched: changes.Touched | None = None,
    scope: str = "",
) -> HTMLResponse:
    return render(
        request,
        "change.html",
        status=422 if errors else 200,
        v={"change_id": new_id()} | v,
        errors=errors or {},
        touched=touched,
        scope=scope,
        headers=NO_STORE,
    )


@router.post("")
async def declare(request: Request, rig: InRig, staff: Permitted) -> Response:
    """Show what a change touches; said again, let it fall due and ask partners."""
    form = await read_form(request, ChangeForm)
    said = form.data
    if said is not None and said.happened_on > clock.today():
        form.refuse("happened_on", N_("Choose a day that has come"))
    if said is None or form.errors:
        return _page(request, form.values, errors=form.errors)
    if said.do == "look" or said.seen != said.scope:
        return await _look(request, rig, form, said)
    changed = actions.Changed(
        said.change_id, said.country, said.chosen, said.kind, said.note, said.happened_on
    )
    async with rig.service.database.writing() as work:
        await actions.declare(work, changed, staff)
    told = N_("Readers are warned, and partners are asked again, within a minute or so.")
    return see_other(request, "/console/changes", told)


async def _look(
    request: Request, rig: Rig, form: Submitted[ChangeForm], said: ChangeForm
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        touched = await changes.what_it_touches(
            session, said.country, said.chosen, said.happened_on
        )
    return _page(request, form.values, touched=touched, scope=said.scope)
