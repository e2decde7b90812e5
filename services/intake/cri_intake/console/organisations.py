"""Operators' room for partner organisations and their API keys."""

from typing import Annotated, Any, Literal

from cri_shared.identity.guard import Permitted
from cri_shared.places.languages import INTERFACE_LANGUAGES, language_name
from cri_shared.privacy.classes import C1
from cri_shared.web.forms import N_, FormModel, Submitted, check_form_token, read_form
from cri_shared.web.pages import language_of, render, see_other
from email_validator import EmailNotValidError, validate_email
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.exc import IntegrityError

from cri_intake.actions import keys, organisations, webhooks
from cri_intake.actions.keys import Given, TooManyKeys
from cri_intake.actions.organisations import About, NameTaken
from cri_intake.queries import members
from cri_intake.queries import organisations as found
from cri_intake.queries import webhooks as hooks
from cri_intake.queries.imports import imports_of
from cri_intake.rig import InRig, Rig
from cri_intake.rules import LIVE_KEYS, Scope, networks_of

ROOM = "/console/organisations"
router = APIRouter(prefix=ROOM, include_in_schema=False)
_NAME_LENGTH = 120


class OrganisationForm(FormModel):
    """Who an organisation is, and where it is told that a key ends."""

    name: Annotated[str, Field(max_length=_NAME_LENGTH), C1]
    email: Annotated[str | None, Field(max_length=254), C1] = None
    language: Annotated[Literal["nl", "fr", "en"], C1]
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        ("name", "missing"): N_("Write the name of the organisation"),
        ("email", "email"): N_("Write an e-mail address with an @, like name@example.org"),
    }

    @field_validator("email")
    @classmethod
    def _is_an_address(cls, email: str | None) -> str | None:
        if email is None:
            return None
        try:
            return validate_email(email, check_deliverability=False).normalized
        except EmailNotValidError:
            raise PydanticCustomError("email", "no address") from None

    @property
    def about(self) -> About:
        """The organisation as the form tells it."""
        return About(self.name, self.email, self.language)


class KeyForm(FormModel):
    """What a new key may do, and from where."""

    scopes: Annotated[list[Scope], Field(min_length=1), C1]
    networks: Annotated[str, Field(max_length=1000), C1] = ""
    messages = {  # noqa: RUF012
        "scopes": N_("Choose at least one thing that the key may do"),
        ("networks", "network"): N_("Write addresses or networks such as 192.0.2.0/24"),
    }

    @field_validator("networks")
    @classmethod
    def _are_networks(cls, networks: str) -> str:
        try:
            return " ".join(networks_of(networks))
        except ValueError:
            raise PydanticCustomError("network", "no network") from None


def _languages(request: Request) -> list[tuple[str, str]]:
    here = language_of(request)
    return [(tag, language_name(tag, in_language=here)) for tag in INTERFACE_LANGUAGES]


@router.get("")
async def directory(request: Request, staff: Permitted, rig: InRig) -> HTMLResponse:
    """Every organisation with the state of its keys, and the form for a new one."""
    return await _directory(request, rig)


async def _directory(
    request: Request, rig: Rig, form: Submitted[OrganisationForm] | None = None
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        every = await found.every_organisation(session)
    return render(
        request,
        "organisations.html",
        status=422 if form else 200,
        every=every,
        mail_languages=_languages(request),
        v=form.values if form else {"language": "nl"},
        errors=form.errors if form else {},
    )


@router.post("")
async def add(request: Request, staff: Permitted, rig: InRig) -> Response:
    """Add an organisation; the form sent twice adds it once."""
    form = await read_form(request, OrganisationForm)
    form_id = await check_form_token(request, form)
    if form.data is None or form_id is None:
        return await _directory(request, rig, form)
    async with rig.service.database.reading() as session:
        earlier = await found.organisation_of_form(session, form_id)
    if earlier is None:
        try:
            async with rig.service.database.writing() as work:
                earlier = await organisations.add_organisation(
                    work, form.data.about, by=staff, form_id=form_id
                )
        except (NameTaken, IntegrityError):  # two clicks at once: the first one made it
            async with rig.service.database.reading() as session:
                earlier = await found.organisation_of_form(session, form_id)
            if earlier is None:
                form.refuse("name", NameTaken.message)
                return await _directory(request, rig, form)
    said = N_("The organisation was added. It still needs a key.")
    return see_other(request, f"{ROOM}/{earlier.organisation_id}", said)


@router.get("/{organisation_id}")
async def organisation_page(
    request: Request, staff: Permitted, rig: InRig, organisation_id: str
) -> HTMLResponse:
    """One organisation: its keys, a form for the next, and what is known of it."""
    return await organisation_with(request, rig, organisation_id)


async def organisation_with(
    request: Request,
    rig: Rig,
    organisation_id: str,
    *,
    form: Submitted[Any] | None = None,
    key: str | None = None,
    link: str | None = None,
    status: int = 200,
) -> HTMLResponse:
    """The page of one, with a form that must be mended, or a key or a link that was just made."""
    async with rig.service.database.reading() as session:
        known = await found.known(session, organisation_id)
        people = await members.members_of(session, organisation_id)
        imports = await imports_of(session, organisation_id)
        webhook = await hooks.webhook_of(session, organisation_id)
        notices = await hooks.notices_of(session, webhook) if webhook else []
    about = known.organisation
    values: dict[str, Any] = {
        "name": about.name,
        "email": about.email,
        "language": about.language,
        "scopes": list(Scope),
    }
    return render(
        request,
        "organisation.html",
        status=422 if form else status,
        known=known,
        may_have_more=len(known.live) < LIVE_KEYS,
        scopes=list(Scope),
        mail_languages=_languages(request),
        new_key=key,
        people=people,
        imports=imports,
        link=link,
        webhook=webhook,
        notices=notices,
        v=values | (form.values if form else {}),
        errors=form.errors if form else {},
    )


@router.post("/{organisation_id}/edit")
async def edit(request: Request, staff: Permitted, rig: InRig, organisation_id: str) -> Response:
    """Change what is known of an organisation."""
    form = await read_form(request, OrganisationForm)
    if form.data is not None:
        try:
            async with rig.service.database.writing() as work:
                known = await found.known(work.session, organisation_id)
                about = form.data.about
                await organisations.edit_organisation(work, known.organisation, about, by=staff)
            return see_other(request, f"{ROOM}/{organisation_id}", N_("Saved."))
        except NameTaken as taken:
            form.refuse("name", taken.message)
    return await organisation_with(request, rig, organisation_id, form=form)


@router.post("/{organisation_id}/keys")
async def make_key(
    request: Request, staff: Permitted, rig: InRig, organisation_id: str
) -> Response:
    """Make a key and show it, this once; a second click shows the same one."""
    form = await read_form(request, KeyForm)
    form.values.setdefault("scopes", [])  # boxes without a tick are not sent
    form_id = await check_form_token(request, form)
    if form.data is None or form_id is None:
        return await organisation_with(request, rig, organisation_id, form=form)
    given = Given(form.data.scopes, form.data.networks.split(), by=staff)
    try:
        async with rig.service.database.writing() as work:
            key = await keys.issue_key_once(work, rig, organisation_id, given, form_id)
    except TooManyKeys as refused:
        form.refuse("scopes", refused.message)
        return await organisation_with(request, rig, organisation_id, form=form)
    if key is None:
        said = N_("This key was made before, and is shown no more. Take it back if it was lost.")
        return see_other(request, f"{ROOM}/{organisation_id}", said)
    return await organisation_with(request, rig, organisation_id, key=key, status=201)


@router.post("/{organisation_id}/keys/{key_id}/revoke")
async def revoke(
    request: Request, staff: Permitted, rig: InRig, organisation_id: str, key_id: str
) -> Response:
    """Take a key back: it opens nothing any more, at once."""
    async with rig.service.database.writing() as work:
        key = await found.key_of(work.session, organisation_id, key_id)
        await keys.revoke_key(work, rig, key, by=staff)
    said = N_("The key was taken back. It opens nothing any more.")
    return see_other(request, f"{ROOM}/{organisation_id}", said)


@router.post("/{organisation_id}/webhook/off")
async def switch_off(
    request: Request, staff: Permitted, rig: InRig, organisation_id: str
) -> Response:
    """Send nothing more to its webhook; a second click changes nothing."""
    async with rig.service.database.writing() as work:
        await found.known(work.session, organisation_id)
        webhook = await hooks.webhook_of(work.session, organisation_id)
        if webhook is not None:
            await webhooks.switch_off(work, rig, webhook, "operator", by=staff)
    said = N_("The webhook is switched off. Nothing more is sent to it.")
    return see_other(request, f"{ROOM}/{organisation_id}", said)


@router.post("/{organisation_id}/webhook/test")
async def try_webhook(
    request: Request, staff: Permitted, rig: InRig, organisation_id: str
) -> Response:
    """Send its webhook a message that tells of no question."""
    async with rig.service.database.writing() as work:
        await found.known(work.session, organisation_id)
        said = await webhooks.try_out_of(work, organisation_id, by=staff)
    return see_other(request, f"{ROOM}/{organisation_id}#webhook", said)
