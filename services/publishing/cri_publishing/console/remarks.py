"""Remarks on an entry: what a text needs, the answers to that, and that it is settled."""

from typing import Annotated, Literal

from cri_shared.db import Work
from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1, C2
from cri_shared.web.forms import N_, FormModel, read_form
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from cri_publishing.actions.remarks import answer_remark, remark, settle_remark
from cri_publishing.console.steps import again, step
from cri_publishing.models import Part
from cri_publishing.rig import InRig

router = APIRouter(prefix="/console/entries", include_in_schema=False)


class RemarkForm(FormModel):
    """What somebody says: of a part of the text, or `about` a remark, which may be settled so."""

    remark: Annotated[str | None, Field(max_length=2000), C2] = None
    part: Annotated[Part, C1] = Part.WHOLE
    about: Annotated[str | None, Field(max_length=32), C1] = None
    do: Annotated[Literal["say", "settle"], C1] = "say"
    messages = {"remark": N_("Shorten this text")}  # noqa: RUF012


@router.post("/{entry_id}/remarks")
async def say(request: Request, entry_id: str, rig: InRig, staff: Permitted) -> Response:
    """Make a remark, answer one, settle one, or both; a second click says nothing twice."""
    form = await read_form(request, RemarkForm)
    data = form.data
    if data is not None and data.remark is None and (data.do == "say" or not data.about):
        form.refuse("remark", N_("Write what you want to say of it"))
    if data is None or form.errors:
        return await again(request, rig, entry_id, form)
    said = data

    async def keep(work: Work) -> None:
        if said.remark and said.about:
            await answer_remark(work, rig, entry_id, said.about, said.remark, by=staff)
        elif said.remark:
            await remark(work, rig, entry_id, said.remark, said.part, by=staff)
        if said.about and said.do == "settle":
            await settle_remark(work, entry_id, said.about, by=staff)

    told = N_("Settled.") if said.do == "settle" else N_("Saved.")
    return await step(request, rig, entry_id, keep, told, rest="#remarks", back="#remarks")
