"""Signing up: the form, the code or link that proves the address, and what came of it."""

from typing import Annotated

from cri_shared.db import Work
from cri_shared.errors import Kind, NotFound, Refusal
from cri_shared.privacy.classes import K
from cri_shared.web.forms import N_, FormModel, Submitted, check_form_token, read_form
from cri_shared.web.lanes import Lane, Pace, slowed
from cri_shared.web.pages import PublicLang, render, see_other
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from cri_training.actions import sign_ups
from cri_training.actions.asking import ask_for_proof, ask_once
from cri_training.actions.sign_ups import Proof, Proved
from cri_training.models import Edition, Workshop
from cri_training.pages.forms import ConfirmForm, SignUpForm, check_claim
from cri_training.queries import editions
from cri_training.queries import sign_ups as found
from cri_training.queries.requirements import required_for
from cri_training.rig import InRig, Rig
from cri_training.rules.states import Status

router = APIRouter(include_in_schema=False)
SIGNING_UP = Lane("signing-up", each=Pace(5, 60.0), longest=5.0)
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
CODE_WRONG = N_("This is not the code that we sent. Check it and try again.")
CODE_SPENT = N_("Too many tries. Use the link in our mail, or sign up again.")
BEFORE = N_("You confirmed this before. Nothing changed.")
SAME_PERSON = N_("You were signed up with this address already. Nothing changed.")


class CodeForm(FormModel):
    """The six digits from the mail."""

    code: Annotated[str, Field(max_length=40), K]
    messages = {"code": N_("Type the six digits from our mail")}  # noqa: RUF012


class PlaceGone(Refusal):
    """Who named this person has no place to hand on any more."""

    slug = "place-gone"
    message = N_("The person who named you has no place to hand on any more.")


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
    request: Request,
    lang: str,
    edition: Edition,
    required: Workshop | None,
    form: Submitted[SignUpForm] | None = None,
) -> HTMLResponse:
    return render(
        request,
        "sign_up.html",
        lang=lang,
        status=422 if form else 200,
        edition=edition,
        required=required,
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
        required = await required_for(session, edition)
    if not edition.takes_sign_ups:
        raise SignUpClosed
    return _form_page(request, lang, edition, required)


@router.post("/{lang}/sign-up/{edition_id}", dependencies=[Depends(slowed(SIGNING_UP))])
async def sign_up(request: Request, lang: PublicLang, rig: InRig, edition_id: str) -> Response:
    """Mail a link and a code; nothing is held yet. The next page is the same for everybody."""
    form = await read_form(request, SignUpForm, lang)
    form_id = await check_form_token(request, form)
    async with rig.service.database.reading() as session:
        edition = await editions.public_edition(session, edition_id)
        required = await required_for(session, edition)
        before = await found.of_form(session, form_id) if form_id else None
    check_claim(form, required=required is not None)
    if form_id is None or form.data is None or form.errors:
        return _form_page(request, lang, edition, required, form)
    if before is not None:
        return see_other(request, _code_url(lang, edition_id, before.sign_up_id))
    if not edition.takes_sign_ups:
        raise SignUpClosed
    wish = form.data.wish(form_id)

    async def ask(work: Work, sign_up_id: str, key: bytes) -> bool:
        return await ask_for_proof(work, rig, edition, wish, sign_up_id, key)

    sign_up_id = await ask_once(rig, form_id, ask)
    return see_other(request, _code_url(lang, edition_id, sign_up_id))


def _code_url(lang: str, edition_id: str, sign_up_id: str) -> str:
    return f"/{lang}/sign-up/{edition_id}/code/{sign_up_id}"


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
    return await _confirm_page(request, lang, rig, token)


async def _confirm_page(
    request: Request,
    lang: str,
    rig: Rig,
    token: str,
    form: Submitted[ConfirmForm] | None = None,
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        try:
            edition, sign_up = await found.of_link(session, token)
        except NotFound:
            raise LinkOver from None
        required = await required_for(session, edition)
    if sign_up.link_is_over:
        raise LinkOver
    named = sign_up.was_named and sign_up.status == Status.REQUESTED
    return render(
        request,
        "confirm.html",
        lang=lang,
        status=422 if form else 200,
        edition=edition,
        token=token,
        named=named,
        required=required,
        by_organisation=sign_up.organisation_id is not None,
        v=form.values if form else {"name": (await found.who(rig, sign_up)).name if named else ""},
        errors=form.errors if form else {},
        headers=NO_STORE,
    )


async def _asks_first(rig: Rig, token: str) -> bool:
    """Whether somebody whom a colleague named must say what they attended before."""
    async with rig.service.database.reading() as session:
        try:
            edition, sign_up = await found.of_link(session, token)
        except NotFound:
            raise LinkOver from None
        waits = sign_up.was_named and sign_up.status == Status.REQUESTED
        return waits and await required_for(session, edition) is not None


@router.post("/{lang}/sign-up/confirm/{token}")
async def prove_by_link(request: Request, lang: PublicLang, rig: InRig, token: str) -> Response:
    """Prove the address with the button; who was named by somebody else may say more."""
    form = await read_form(request, ConfirmForm, lang)
    check_claim(form, required=await _asks_first(rig, token))
    if form.data is None or form.errors:
        return await _confirm_page(request, lang, rig, token, form)
    said = form.data.said()
    try:
        async with rig.service.database.writing() as work:
            proved = await sign_ups.prove_by_link(work, rig, token, said)
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
        case Proof.GONE:
            raise PlaceGone
        case _:
            raise LinkOver
