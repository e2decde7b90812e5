"""The directory of those who can help where we cannot."""

from typing import Annotated, Any

from cri_shared.identity.guard import Permitted
from cri_shared.places import LANGUAGES
from cri_shared.privacy.classes import C1
from cri_shared.web.forms import N_, FormModel, Submitted, check_form_token, read_form
from cri_shared.web.pages import render, see_other
from cri_shared.web.sheets import Sheet
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from cri_intake.actions import referrals as actions
from cri_intake.models import Referral
from cri_intake.queries import referrals
from cri_intake.rig import InRig
from cri_intake.submission import Address

router = APIRouter(prefix="/console", include_in_schema=False)
HERE = "/console/referrals"
_TOLD_IN = ("nl", "fr", "en")
SHEET = Sheet(
    *(Referral.name, Referral.place, Referral.languages, Referral.phone, Referral.email),
    *(Referral.website, Referral.checked_on, Referral.left_at),
)


class ReferralForm(FormModel):
    """What an organisation says of itself, in one language at least."""

    name: Annotated[str, Field(max_length=120), C1]
    helps_nl: Annotated[str | None, Field(max_length=1000), C1] = None
    helps_fr: Annotated[str | None, Field(max_length=1000), C1] = None
    helps_en: Annotated[str | None, Field(max_length=1000), C1] = None
    place: Annotated[str | None, Field(max_length=120), C1] = None
    spoken_languages: Annotated[list[str], Field(max_length=30, default_factory=list), C1]
    phone: Annotated[str | None, Field(max_length=40), C1] = None
    email: Annotated[Address, C1] = None
    site: Annotated[str | None, Field(max_length=400, pattern=r"^https?://\S+$"), C1] = None
    messages = {  # noqa: RUF012
        "name": N_("Write the name of the organisation"),
        "email": N_("Write an e-mail address with an @, like name@example.org"),
        "site": N_("Write an address that begins with https://"),
    }

    @property
    def about(self) -> dict[str, Any]:
        """The columns of a `Referral`."""
        helps = {tag: getattr(self, f"helps_{tag}") for tag in _TOLD_IN}
        return {
            "name": self.name,
            "helps": {tag: text for tag, text in helps.items() if text},
            "place": self.place,
            "languages": [tag for tag in self.spoken_languages if tag in LANGUAGES],
            "phone": self.phone,
            "email": self.email,
            "website": self.site,
        }


async def _checked(request: Request) -> Submitted[ReferralForm]:
    form = await read_form(request, ReferralForm)
    data = form.data
    if data is not None and not data.about["helps"]:
        form.refuse("helps_nl", N_("Write in one language at least what they help with"))
    if data is not None and not (data.phone or data.email or data.site):
        form.refuse("phone", N_("Write at least one way to reach them"))
    return form


@router.get("/referrals")
async def directory(request: Request, staff: Permitted, rig: InRig) -> HTMLResponse:
    """Everybody in the directory, and those who were taken out."""
    async with rig.service.database.reading() as session:
        every = await referrals.referrals(session, left=True)
    return render(request, "referrals.html", every=every)


@router.get("/referrals.csv")
async def directory_along(request: Request, staff: Permitted, rig: InRig) -> Response:
    """The directory for a spreadsheet: who they are and how to reach them."""
    async with rig.service.database.reading() as session:
        return await SHEET.answer(request, session, referrals.rows())


@router.get("/referrals/new")
async def new(request: Request, staff: Permitted) -> HTMLResponse:
    """The empty form."""
    return _page(request, {}, {})


@router.post("/referrals/new")
async def add(request: Request, staff: Permitted, rig: InRig) -> Response:
    """Add somebody to the directory."""
    form = await _checked(request)
    form_id = await check_form_token(request, form)
    if form.data is None or form_id is None or form.errors:
        return _page(request, form.values, form.errors)
    async with rig.service.database.writing() as work:
        await actions.add_referral(work, form_id, form.data.about, by=staff)
    return see_other(request, HERE, N_("Added to the directory."))


@router.get("/referrals/{referral_id}")
async def page(request: Request, staff: Permitted, rig: InRig, referral_id: str) -> HTMLResponse:
    """One of them, to be changed."""
    async with rig.service.database.reading() as session:
        one = await referrals.referral_of(session, referral_id)
    return _page(request, _values(one), {}, one)


@router.post("/referrals/{referral_id}")
async def edit(request: Request, staff: Permitted, rig: InRig, referral_id: str) -> Response:
    """Change what is known of them."""
    form = await _checked(request)
    async with rig.service.database.writing() as work:
        one = await referrals.referral_of(work.session, referral_id)
        if form.data is None or form.errors:
            return _page(request, form.values, form.errors, one)
        await actions.edit_referral(work, one, form.data.about, by=staff)
    return see_other(request, HERE, N_("Saved."))


@router.post("/referrals/{referral_id}/checked")
async def checked(request: Request, staff: Permitted, rig: InRig, referral_id: str) -> Response:
    """It is still right."""
    async with rig.service.database.writing() as work:
        one = await referrals.referral_of(work.session, referral_id)
        await actions.confirm_referral(work, one, by=staff)
    return see_other(request, HERE, N_("Thank you. It counts as checked today."))


@router.post("/referrals/{referral_id}/leave")
async def leave(request: Request, staff: Permitted, rig: InRig, referral_id: str) -> Response:
    """Take them out; they stay below the others, from where they can come back."""
    return await _leave_or_return(request, staff, rig, referral_id, left=True)


@router.post("/referrals/{referral_id}/return")
async def come_back(request: Request, staff: Permitted, rig: InRig, referral_id: str) -> Response:
    """Put them back."""
    return await _leave_or_return(request, staff, rig, referral_id, left=False)


async def _leave_or_return(
    request: Request, staff: Permitted, rig: InRig, referral_id: str, *, left: bool
) -> Response:
    async with rig.service.database.writing() as work:
        one = await referrals.referral_of(work.session, referral_id)
        await actions.leave_or_return(work, one, left=left, by=staff)
    said = N_("Taken out. You can put it back below.") if left else N_("It is back.")
    return see_other(request, HERE, said)


def _values(one: Referral) -> dict[str, Any]:
    helps = {f"helps_{tag}": one.helps.get(tag, "") for tag in _TOLD_IN}
    names = ("name", "place", "phone", "email")
    known = {name: getattr(one, name) for name in names}
    return helps | known | {"site": one.website, "spoken_languages": one.languages}


def _page(
    request: Request, v: dict[str, Any], errors: dict[str, str], one: Referral | None = None
) -> HTMLResponse:
    return render(
        request,
        "referral.html",
        status=422 if errors else 200,
        one=one,
        v=v,
        errors=errors,
        language_tags=LANGUAGES,
    )
