"""Usual words for askers, and who else can help, put below what an officer typed already."""

from typing import Annotated

from cri_shared.identity.guard import Permitted
from cri_shared.privacy.classes import C1
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.i18n import Words
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.console.question import show
from cri_intake.models import ReferralUnknown
from cri_intake.queries import desk
from cri_intake.queries.referrals import referral_of, told
from cri_intake.queries.suggestions import suggestion_of
from cri_intake.rig import InRig, Rig
from cri_intake.rules.ready import READY_TEXTS

router = APIRouter(prefix="/console", include_in_schema=False)
_CHOOSE = N_("Choose a text")


class BeginForm(FormModel):
    """A text that officers often write (its code), or who helps or an entry (its id)."""

    ready: Annotated[str, Field(max_length=64), C1]
    messages = {"ready": _CHOOSE}  # noqa: RUF012


class HelperForm(FormModel):
    """The id of somebody in the directory."""

    helper: Annotated[str, Field(max_length=32), C1]
    messages = {"helper": N_("Choose somebody")}  # noqa: RUF012


@router.post("/questions/{question_id}/message/begin")
async def begin(request: Request, staff: Permitted, rig: InRig, question_id: str) -> Response:
    """Put a usual text below what was typed, in the asker's language; nothing is sent or kept."""
    form = await read_form(request, BeginForm)
    chosen = form.data.ready if form.data else None
    await _put(rig, question_id, form, chosen, name="ready", into="message", refused=_CHOOSE)
    return await show(request, rig, staff, question_id, form)


@router.post("/questions/{question_id}/refer/begin")
async def begin_to_refer(
    request: Request, staff: Permitted, rig: InRig, question_id: str
) -> Response:
    """Put who can help below what was typed; nothing is sent or kept."""
    form = await read_form(request, HelperForm)
    chosen = form.data.helper if form.data else None
    refused = HelperForm.messages["helper"]
    await _put(rig, question_id, form, chosen, name="helper", into="referral", refused=refused)
    return await show(request, rig, staff, question_id, form)


async def _text(session: AsyncSession, rig: Rig, words: Words, chosen: str, name: str) -> str:
    """The chosen text in the asker's language; raises `ReferralUnknown` for none of ours."""
    if name == "ready" and chosen in READY_TEXTS:
        return words.gettext(READY_TEXTS[chosen])
    if name == "ready" and (entry := await suggestion_of(session, chosen, words.language)):
        url = f"{rig.settings.url_of('search')}/{words.language}/entries/{entry.slug}"
        return f"{entry.question}\n{url}"
    return told(await referral_of(session, chosen), words.language)


async def _put(
    rig: Rig,
    question_id: str,
    form: Submitted[BeginForm] | Submitted[HelperForm],
    chosen: str | None,
    *,
    name: str,
    into: str,
    refused: str,
) -> None:
    """Add the chosen text to the field `into`, or say that it is none."""
    if chosen is None:
        return
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, question_id)
        words = rig.words(case.language)
        try:
            text = await _text(session, rig, words, chosen, name)
        except ReferralUnknown:
            form.refuse(name, refused)
            return
    typed = str(form.values.get(into, "")).strip()
    form.values |= {
        into: "\n\n".join(part for part in (typed, text) if part),
        f"{into}_language": words.language,
    }
