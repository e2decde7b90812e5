"""The registry of partners: list, add, edit, suspend, PIN."""

import datetime as dt
from typing import Annotated, Any, Literal

from cri_shared.errors import NotFound
from cri_shared.identity import audit
from cri_shared.identity.guard import Permitted
from cri_shared.places import COUNTRIES, LANGUAGES, TOPICS, canonical_language
from cri_shared.privacy.classes import C1, C4
from cri_shared.web.audit import called
from cri_shared.web.forms import N_, FormModel, Submitted, check_form_token, read_form
from cri_shared.web.pages import render, see_other
from email_validator import EmailNotValidError, validate_email
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field, field_validator
from sqlalchemy.exc import IntegrityError

from cri_research.actions import partners
from cri_research.actions.partners import Description
from cri_research.console.doing import do
from cri_research.models import messaging
from cri_research.queries import partners as queries
from cri_research.rig import InRig, Rig

router = APIRouter(prefix="/console/partners", include_in_schema=False)


class PartnerForm(FormModel):
    """A partner as a coordinator describes it."""

    kind: Annotated[Literal["organisation", "individual"], C1]
    name: Annotated[str, Field(max_length=120), C4]
    email: Annotated[str, Field(max_length=254), C4]
    reach: Annotated[str | None, Field(max_length=300), C4] = None
    notes: Annotated[str | None, Field(max_length=3000), C4] = None
    countries: Annotated[list[str], Field(min_length=1), C1]
    home_country: Annotated[str | None, C1] = None
    regions: Annotated[str | None, Field(max_length=500), C1] = None
    topics: Annotated[list[str], Field(default_factory=list), C1]
    mail_language: Annotated[Literal["en", "fr", "nl"], C1]
    languages: Annotated[list[str], Field(default_factory=list), C1]
    capacity: Annotated[int, Field(ge=1, le=50), C1] = 3
    risk: Annotated[Literal["normal", "high"], C1] = "normal"
    visibility: Annotated[Literal["name", "local", "none"], C1] = "local"
    agreement_from: Annotated[dt.date | None, C1] = None
    agreement_until: Annotated[dt.date | None, C1] = None
    messages = {  # noqa: RUF012
        "kind": N_("Choose what sort of partner this is"),
        ("name", "missing"): N_("Write the name"),
        ("email", "missing"): N_("Write the e-mail address"),
        "countries": N_("Choose at least one country"),
        "mail_language": N_("Choose the language of our messages"),
        "capacity": N_("Write a number from 1 to 50"),
        "risk": N_("Choose a risk"),
        "visibility": N_("Choose what the public may see"),
    }

    @field_validator("email")
    @classmethod
    def _is_an_address(cls, email: str) -> str:
        try:
            return validate_email(
                email, check_deliverability=False, test_environment=True
            ).normalized
        except EmailNotValidError:
            message = N_("Write an e-mail address with an @, like name@example.org")
            raise ValueError(message) from None

    @field_validator("countries")
    @classmethod
    def _are_ours(cls, countries: list[str]) -> list[str]:
        if set(countries) - COUNTRIES.keys():
            raise ValueError(N_("We do not work with this country."))
        return sorted(set(countries))

    @field_validator("topics")
    @classmethod
    def _are_topics(cls, topics: list[str]) -> list[str]:
        if set(topics) - TOPICS.keys():
            raise ValueError(N_("There is no such topic."))
        return sorted(set(topics))

    @field_validator("languages")
    @classmethod
    def _have_a_name(cls, languages: list[str]) -> list[str]:
        tags = {canonical_language(tag) for tag in languages}
        if tags - set(LANGUAGES):
            raise ValueError(N_("Choose languages of the list."))
        return sorted(tags)


class SuspendForm(FormModel):
    """Why a partner gets no questions for now."""

    why: Annotated[Literal["risk", "quality", "absent", "other"], C1]
    messages = {"why": N_("Choose why")}  # noqa: RUF012


@router.get("")
async def directory(
    request: Request,
    staff: Permitted,
    rig: InRig,
    country: str = "",
    state: str = "",
    q: str = "",
) -> HTMLResponse:
    """Every partner, by country, state and name."""
    async with rig.service.database.reading() as session:
        found = await queries.directory(
            session, rig, country=country or None, state=state or None, words=q
        )
    return render(
        request,
        "partners.html",
        known=found,
        recent=queries.RECENT,
        v={"country": country, "state": state, "q": q},
    )


@router.get("/new")
async def new_page(request: Request, staff: Permitted) -> HTMLResponse:
    """The empty form."""
    values = {"capacity": 3, "risk": "normal", "visibility": "local"}
    return _form_page(request, values, {}, None)


@router.post("/new")
async def add(request: Request, staff: Permitted, rig: InRig) -> Response:
    """Add a partner; the form sent twice adds it once."""
    form = await read_form(request, PartnerForm)
    form_id = await check_form_token(request, form)
    described = _described(form)
    if described is None or form_id is None:
        return _form_page(request, form.values, form.errors, None)
    partner_id = partners.new_partner_id()
    key = await rig.keys.create("partner", partner_id)
    try:
        async with rig.service.database.writing() as work:
            await partners.add_partner(
                work, described, key=key, partner_id=partner_id, form_id=form_id, by=staff
            )
    except IntegrityError:
        await rig.keys.destroy("partner", partner_id)
        async with rig.service.database.reading() as session:
            earlier = await queries.partner_of_form(session, form_id)
        if earlier is None:
            raise
        said = N_("You sent this form before. The partner was added once.")
        return see_other(request, f"/console/partners/{earlier.partner_id}", said)
    return see_other(request, f"/console/partners/{partner_id}", N_("The partner was added."))


@router.get("/{partner_id}")
async def partner_page(
    request: Request, staff: Permitted, rig: InRig, partner_id: str
) -> HTMLResponse:
    """One partner, what it did, and what can be done."""
    return await _page(request, rig, partner_id)


async def _page(
    request: Request,
    rig: Rig,
    partner_id: str,
    *,
    errors: dict[str, str] | None = None,
    pin: str = "",
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        known = await queries.known(session, rig, partner_id)
        work = await queries.work_of(session, partner_id)
        history = await audit.history(session, messaging.audit, partner_id)
    return render(
        request,
        "partner.html",
        status=422 if errors else 200,
        known=known,
        recent=queries.RECENT,
        partner=known.partner,
        work=work,
        history=history,
        called=called(request),
        errors=errors or {},
        pin=pin,
        v={},
    )


@router.get("/{partner_id}/edit")
async def edit_page(
    request: Request, staff: Permitted, rig: InRig, partner_id: str
) -> HTMLResponse:
    """The form, filled in."""
    async with rig.service.database.reading() as session:
        known = await queries.known(session, rig, partner_id)
    partner = known.partner
    values: dict[str, Any] = {
        name: getattr(partner, name)
        for name in PartnerForm.model_fields
        if name not in ("name", "email", "reach", "notes", "regions", "mail_language")
    }
    values |= {
        "name": known.identity.name,
        "email": known.identity.email,
        "reach": known.identity.reach,
        "notes": known.identity.notes,
        "regions": ", ".join(partner.regions),
        "mail_language": partner.page_language,
    }
    return _form_page(request, values, {}, partner_id)


@router.post("/{partner_id}/edit")
async def edit(request: Request, staff: Permitted, rig: InRig, partner_id: str) -> Response:
    """Describe a partner anew."""
    form = await read_form(request, PartnerForm)
    described = _described(form)
    if described is None:
        async with rig.service.database.reading() as session:
            await queries.known(session, rig, partner_id)
        return _form_page(request, form.values, form.errors, partner_id)
    async with rig.service.database.writing() as work:
        await partners.edit_partner(work, rig, partner_id, described, by=staff)
    return see_other(request, f"/console/partners/{partner_id}", N_("Saved."))


def _form_page(
    request: Request, values: dict[str, Any], errors: dict[str, str], partner_id: str | None
) -> HTMLResponse:
    return render(
        request,
        "partner_form.html",
        status=422 if errors else 200,
        v=values,
        errors=errors,
        partner_id=partner_id,
        language_tags=LANGUAGES,
    )


def _described(form: Submitted[PartnerForm]) -> Description | None:
    data = form.data
    if data is None:
        return None
    home = data.home_country or data.countries[0]
    if home not in COUNTRIES:
        form.refuse("home_country", N_("We do not work with this country."))
    if data.agreement_from and data.agreement_until and data.agreement_until < data.agreement_from:
        form.refuse("agreement_until", N_("The agreement ends before it begins."))
    if form.errors:
        return None
    fields = data.model_dump(exclude={"mail_language"}) | {
        "home_country": home,
        "regions": _listed(data.regions or ""),
        "languages": list(dict.fromkeys([data.mail_language, *data.languages])),
    }
    return Description(**fields)


def _listed(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


@router.post("/{partner_id}/suspend")
async def suspend(request: Request, staff: Permitted, rig: InRig, partner_id: str) -> Response:
    """Send it nothing for now; its open questions go to others."""
    form = await read_form(request, SuspendForm)
    why = form.data.why if form.data else None
    if why is None:
        return await _page(request, rig, partner_id, errors=form.errors)
    said = N_("The partner is suspended. Its open questions look for another partner.")
    back = f"/console/partners/{partner_id}"
    return await do(
        request,
        rig,
        back,
        said,
        lambda work: partners.suspend_partner(work, partner_id, why, by=staff),
    )


@router.post("/{partner_id}/resume")
async def resume(request: Request, staff: Permitted, rig: InRig, partner_id: str) -> Response:
    """Let it take questions again."""
    back = f"/console/partners/{partner_id}"
    said = N_("The partner can take questions again.")
    return await do(
        request, rig, back, said, lambda work: partners.resume_partner(work, partner_id, by=staff)
    )


@router.post("/{partner_id}/pin")
async def make_pin(request: Request, staff: Permitted, rig: InRig, partner_id: str) -> HTMLResponse:
    """A new PIN, shown in this answer and never again."""
    async with rig.service.database.writing() as work:
        partner = await queries.partner_of(work.session, partner_id)
        if partner.risk != "high":
            raise NotFound
        pin = await partners.make_pin(work, rig, partner_id, by=staff)
    return await _page(request, rig, partner_id, pin=pin)
