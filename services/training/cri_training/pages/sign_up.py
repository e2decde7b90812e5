"""Signing up: the form, the code or link that proves the address, and what came of it."""

from typing import Annotated, Literal

from cri_shared import clock
from cri_shared.db import new_id
from cri_shared.errors import Kind, NotFound, Refusal
from cri_shared.privacy.classes import C1, C3, K
from cri_shared.web.forms import N_, FormModel, Submitted, check_form_token, read_form
from cri_shared.web.lanes import Lane, Pace, slowed
from cri_shared.web.pages import PublicLang, render, see_other
from email_validator import EmailNotValidError, validate_email
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field, field_validator
from pydantic_core import PydanticCustomError
from sqlalchemy.exc import IntegrityError

from cri_training.actions import sign_ups
from cri_training.actions.sign_ups import Details, Proof, Proved
from cri_training.models import Edition
from cri_training.queries import editions
from cri_training.queries import sign_ups as found
from cri_training.rig import KEY_KIND, InRig, Rig

router = APIRouter(include_in_schema=False)
SIGNING_UP = Lane("signing-up", each=Pace(5, 60.0), longest=5.0)
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
CODE_WRONG = N_("This is not the code that we sent. Check it and try again.")
CODE_SPENT = N_("Too many tries. Use the link in our mail, or sign up again.")
BEFORE = N_("You confirmed this before. Nothing changed.")
SAME_PERSON = N_("You were signed up with this address already. Nothing changed.")


class SignUpForm(FormModel):
    """Who wants to come."""

    name: Annotated[str, Field(max_length=120), C3]
    organisation: Annotated[str, Field(max_length=120), C3]
    email: Annotated[str, Field(max_length=254), C3]
    language: Annotated[Literal["nl", "fr", "en"], C1]
    needs: Annotated[str | None, Field(max_length=500), C3] = None
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        ("name", "missing"): N_("Write your name"),
        ("organisation", "missing"): N_("Write the organisation that you work for"),
        ("email", "missing"): N_("Write your e-mail address"),
        ("language", "missing"): N_("Choose the language of our mails"),
    }

    @field_validator("email")
    @classmethod
    def _is_an_address(cls, email: str) -> str:
        try:
            return validate_email(email, check_deliverability=False).normalized
        except EmailNotValidError:
            message = N_("Write an e-mail address with an @, like name@example.org")
            raise PydanticCustomError("email", message) from None


class CodeForm(FormModel):
    """The six digits from the mail."""

    code: Annotated[str, Field(max_length=40), K]
    messages = {"code": N_("Type the six digits from our mail")}  # noqa: RUF012


class SignUpClosed(Refusal):
    """The last day is past, a trainer closed it, or it is over."""

    slug = "sign-up-closed"
    message = N_("You cannot sign up for this workshop any more.")


class LinkOver(Refusal):
    """A link from a mail that is too old, or that is none of ours."""

    kind = Kind.NOT_FOUND
    slug = "link-over"
    counted = "sign_up_link.unknown"
    message = N_("This link is not good any more. Sign up again to get a new one.")


def _form_page(
    request: Request, lang: str, edition: Edition, form: Submitted[SignUpForm] | None = None
) -> HTMLResponse:
    return render(
        request,
        "sign_up.html",
        lang=lang,
        status=422 if form else 200,
        edition=edition,
        v=form.values if form else {"language": lang},
        errors=form.errors if form else {},
        headers=NO_STORE,
    )


@router.get("/{lang}/sign-up/{edition_id}")
async def sign_up_page(
    request: Request, lang: PublicLang, rig: InRig, edition_id: str
) -> HTMLResponse:
    """The empty form; refuses where nobody can sign up any more."""
    async with rig.service.database.reading() as session:
        edition = await editions.public_edition(session, edition_id)
    if not edition.takes_sign_ups:
        raise SignUpClosed
    return _form_page(request, lang, edition)


@router.post("/{lang}/sign-up/{edition_id}", dependencies=[Depends(slowed(SIGNING_UP))])
async def sign_up(request: Request, lang: PublicLang, rig: InRig, edition_id: str) -> Response:
    """Mail a link and a code; nothing is held yet. The next page is the same for everybody."""
    form = await read_form(request, SignUpForm, lang)
    form_id = await check_form_token(request, form)
    async with rig.service.database.reading() as session:
        edition = await editions.public_edition(session, edition_id)
        before = await found.of_form(session, form_id) if form_id else None
    if form_id is None or form.data is None or form.errors:
        return _form_page(request, lang, edition, form)
    if before is not None:
        return see_other(request, _code_url(lang, edition_id, before.sign_up_id))
    if not edition.takes_sign_ups:
        raise SignUpClosed
    sign_up_id = await _ask_once(rig, edition, form.data, form_id)
    return see_other(request, _code_url(lang, edition_id, sign_up_id))


def _code_url(lang: str, edition_id: str, sign_up_id: str) -> str:
    return f"/{lang}/sign-up/{edition_id}/code/{sign_up_id}"


async def _ask_once(rig: Rig, edition: Edition, data: SignUpForm, form_id: str) -> str:
    """Keep the form and send the mail; gives the id of its sign-up.

    An address that got many mails just now gets none, and the page does not tell.
    """
    sign_up_id = new_id()
    details = Details(data.name, data.organisation, data.email, data.needs or "")
    key = await rig.keys.create(KEY_KIND, sign_up_id)
    try:
        async with rig.service.database.writing() as work:
            if await sign_ups.may_mail(work, rig, edition.edition_id, data.email):
                await sign_ups.ask_for_proof(
                    work,
                    rig,
                    edition,
                    details,
                    sign_up_id=sign_up_id,
                    key=key,
                    form_id=form_id,
                    language=data.language,
                )
                return sign_up_id
    except IntegrityError:  # the same form came twice at once: the first one counts
        async with rig.service.database.reading() as session:
            first = await found.of_form(session, form_id)
        await rig.keys.destroy(KEY_KIND, sign_up_id)
        if first is None:
            raise
        return first.sign_up_id
    await rig.keys.destroy(KEY_KIND, sign_up_id)
    return sign_up_id


@router.get("/{lang}/sign-up/{edition_id}/code/{sign_up_id}")
async def code_page(
    request: Request, lang: PublicLang, rig: InRig, edition_id: str, sign_up_id: str
) -> HTMLResponse:
    """Where the code is typed; it looks the same whatever became of the mail."""
    return await _code_page(request, lang, rig, edition_id, sign_up_id)


async def _code_page(
    request: Request,
    lang: str,
    rig: Rig,
    edition_id: str,
    sign_up_id: str,
    form: Submitted[CodeForm] | None = None,
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        edition = await editions.public_edition(session, edition_id)
    return render(
        request,
        "sign_up_code.html",
        lang=lang,
        status=422 if form else 200,
        edition=edition,
        sign_up_id=sign_up_id,
        v={},
        errors=form.errors if form else {},
        headers=NO_STORE,
    )


@router.post("/{lang}/sign-up/{edition_id}/code/{sign_up_id}")
async def prove_by_code(
    request: Request, lang: PublicLang, rig: InRig, edition_id: str, sign_up_id: str
) -> Response:
    """Prove the address with the typed code."""
    form = await read_form(request, CodeForm, lang)
    if form.data is not None:
        async with rig.service.database.writing() as work:
            proved = await sign_ups.prove_by_code(work, rig, edition_id, sign_up_id, form.data.code)
        if proved.proof not in (Proof.WRONG, Proof.TOO_MANY):
            return _after(request, lang, proved)
        form.refuse("code", CODE_WRONG if proved.proof is Proof.WRONG else CODE_SPENT)
    return await _code_page(request, lang, rig, edition_id, sign_up_id, form)


@router.get("/{lang}/sign-up/confirm/{token}")
async def confirm_page(request: Request, lang: PublicLang, rig: InRig, token: str) -> HTMLResponse:
    """The page behind the link in the mail; looking at it changes nothing."""
    async with rig.service.database.reading() as session:
        try:
            edition, sign_up = await found.of_link(session, token)
        except NotFound:
            raise LinkOver from None
    if sign_up.proof_until <= clock.now():
        raise LinkOver
    return render(
        request, "confirm.html", lang=lang, edition=edition, token=token, headers=NO_STORE
    )


@router.post("/{lang}/sign-up/confirm/{token}")
async def prove_by_link(request: Request, lang: PublicLang, rig: InRig, token: str) -> Response:
    """Prove the address with the button."""
    try:
        async with rig.service.database.writing() as work:
            proved = await sign_ups.prove_by_link(work, rig, token)
    except NotFound:
        raise LinkOver from None
    return _after(request, lang, proved)


def _after(request: Request, lang: str, proved: Proved) -> Response:
    match proved.proof:
        case Proof.DONE:
            return see_other(request, f"/{lang}/sign-up/done/{proved.token}")
        case Proof.BEFORE:
            return see_other(request, f"/{lang}/sign-up/done/{proved.token}", BEFORE)
        case Proof.SAME_PERSON:
            return see_other(request, f"/{lang}/sign-up/manage/{proved.token}", SAME_PERSON)
        case Proof.CLOSED:
            raise SignUpClosed
        case _:
            raise LinkOver
