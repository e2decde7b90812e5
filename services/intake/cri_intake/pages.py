"""Intake's public pages: ask a question, keep its number, follow it."""

import datetime as dt
from typing import Annotated, Any, Literal

from cri_shared import clock
from cri_shared.db import new_id
from cri_shared.errors import Invalid, Refusal
from cri_shared.privacy.classes import C1, C3, K
from cri_shared.privacy.receipts import format_receipt, parse_receipt
from cri_shared.web.forms import N_, FormModel, Submitted, check_form_token, read_form
from cri_shared.web.pages import PublicLang, render
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field, ValidationError
from sqlalchemy.exc import IntegrityError

from cri_intake import actions, queries
from cri_intake.actions import Recorded
from cri_intake.models import Case
from cri_intake.rig import InRig, Rig
from cri_intake.rules import CONSENT_VERSION, MAX_TEXT, MIN_TEXT, Status, current_step
from cri_intake.submission import Contact, Submission

router = APIRouter(include_in_schema=False)
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
UNKNOWN_RECEIPT = N_("We do not know this number. Check it and try again.")


class AskForm(FormModel):
    """The public form: one question about one country."""

    country: Annotated[str, Field(min_length=2, max_length=2), C1]
    question: Annotated[str, Field(min_length=MIN_TEXT, max_length=MAX_TEXT), C3]
    role: Annotated[Literal["self", "assisting", "organisation"], C1]
    needed_by: Annotated[dt.date | None, C1] = None
    email: Annotated[str | None, Field(max_length=254), C3] = None
    safe_to_write: Annotated[bool, C3] = False
    consent: Annotated[Literal["yes"], C1]
    messages = {  # noqa: RUF012 - pydantic knows it as a class variable
        "country": N_("Choose a country"),
        ("question", "missing"): N_("Write your question"),
        ("question", "string_too_short"): N_("Write your question in at least one full sentence"),
        ("question", "string_too_long"): N_("Write your question in at most 6000 characters"),
        "role": N_("Choose who this question is for"),
        "consent": N_("Tick the box so that we may work on your question"),
    }


class StartForm(FormModel):
    """What comes along from a search that found nothing."""

    country: Annotated[str | None, Field(max_length=2), C1] = None
    question: Annotated[str | None, Field(max_length=MAX_TEXT), C3] = None


class ReceiptForm(FormModel):
    """The number that an asker kept."""

    receipt: Annotated[str, Field(max_length=80), K]
    messages = {"receipt": N_("Type the number that you got with your question")}  # noqa: RUF012


class MessageForm(FormModel):
    """Something to add to a question."""

    message: Annotated[str, Field(max_length=MAX_TEXT), C3]
    messages = {"message": N_("Write your message")}  # noqa: RUF012


@router.get("/{lang}/")
async def home(lang: PublicLang) -> RedirectResponse:
    """Intake's first page is the form."""
    return RedirectResponse(f"/{lang}/ask", 303)


@router.get("/{lang}/ask")
async def ask_page(request: Request, lang: PublicLang) -> HTMLResponse:
    """The empty form."""
    return render(request, "ask.html", lang=lang, v={}, errors={}, headers=NO_STORE)


@router.post("/{lang}/ask/start")
async def start(request: Request, lang: PublicLang) -> HTMLResponse:
    """The form with what was searched for; nothing is stored, and no word travels in an address."""
    form = await read_form(request, StartForm, lang)
    known = {name: form.values.get(name, "") for name in StartForm.model_fields}
    return render(request, "ask.html", lang=lang, v=known, errors={}, headers=NO_STORE)


@router.post("/{lang}/ask")
async def ask(request: Request, lang: PublicLang, rig: InRig) -> HTMLResponse:
    """Record a question and show its number once; sending the form twice asks once."""
    form = await read_form(request, AskForm, lang)
    form_id = await check_form_token(request, form)
    submission = _submission(form, lang)
    if form_id is None or submission is None:
        return render(
            request,
            "ask.html",
            lang=lang,
            status=422,
            v=form.values,
            errors=form.errors,
            headers=NO_STORE,
        )
    recorded = await _record_once(rig, submission, form_id)
    if recorded is None:
        return render(request, "asked_before.html", lang=lang, status=200, headers=NO_STORE)
    return render(
        request,
        "asked.html",
        lang=lang,
        status=201,
        receipt=format_receipt(recorded.receipt),
        headers=NO_STORE,
    )


def _submission(form: Submitted[AskForm], lang: str) -> Submission | None:
    """The checked question of a form; what the rules refuse is said beside its field."""
    data = form.data
    if data is None or form.errors:
        return None
    fields = {"text": "question", "asker_role": "role"}
    try:
        contact = (
            Contact(email=data.email, safe_to_write=data.safe_to_write) if data.email else None
        )
        return Submission.model_validate(
            {
                "text": data.question,
                "language": lang,
                "country": data.country,
                "needed_by": data.needed_by,
                "asker_role": data.role,
                "contact": contact,
                "consent": {"version": CONSENT_VERSION, "given_at": clock.now()},
            }
        )
    except ValidationError as wrong:
        for error in wrong.errors(include_input=False, include_url=False):
            name = str(error["loc"][0])
            form.refuse(fields.get(name, name), error["msg"])
        return None


async def _record_once(rig: Rig, submission: Submission, form_id: str) -> Recorded | None:
    """Record a form's question; None where it was recorded before."""
    question_id = new_id()
    key = await rig.keys.create("case", question_id)
    try:
        async with rig.service.database.writing() as work:
            return await actions.record_question(
                work,
                rig,
                submission,
                key=key,
                question_id=question_id,
                channel="web",
                form_id=form_id,
            )
    except IntegrityError:
        await rig.keys.destroy("case", question_id)
        async with rig.service.database.reading() as session:
            if await queries.case_of_form(session, form_id) is None:
                raise
        return None


def _cookie(rig: Rig) -> str:
    name = "cri_asker"
    return f"__Host-{name}" if rig.settings.secure_cookies else name


@router.get("/{lang}/follow")
async def follow_page(request: Request, lang: PublicLang, rig: InRig) -> HTMLResponse:
    """The door, or the question of the session that is open."""
    token = request.cookies.get(_cookie(rig), "")
    async with rig.service.database.reading() as session:
        case = await queries.case_of_session(session, token) if token else None
        if case is not None:
            return await _question_page(request, lang, rig, case)
    return render(request, "follow.html", lang=lang, v={}, errors={}, headers=NO_STORE)


@router.post("/{lang}/follow")
async def follow(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Open the question behind a number; wrong and unknown numbers look the same."""
    form = await read_form(request, ReceiptForm, lang)
    case = await _behind(rig, form)
    if case is None:
        form.refuse("receipt", UNKNOWN_RECEIPT)
        return render(
            request,
            "follow.html",
            lang=lang,
            status=422,
            v=form.values,
            errors=form.errors,
            headers=NO_STORE,
        )
    async with rig.service.database.writing() as work:
        token = await actions.open_asker_session(work, case)
    response = RedirectResponse(f"/{lang}/follow", 303)
    response.set_cookie(
        _cookie(rig),
        token,
        max_age=int(queries.ASKER_SESSION.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=rig.settings.secure_cookies,
    )
    return response


async def _behind(rig: Rig, form: Submitted[ReceiptForm]) -> Case | None:
    if form.data is None:
        return None
    try:
        receipt = parse_receipt(form.data.receipt)
    except Invalid as mistyped:  # the check digits tell a slip of the finger, and help mend it
        form.refuse("receipt", mistyped.message)
        return None
    async with rig.service.database.reading() as session:
        return await queries.case_of_receipt(session, rig, receipt)


async def _own_case(request: Request, rig: Rig, session: Any) -> Case:
    token = request.cookies.get(_cookie(rig), "")
    case = await queries.case_of_session(session, token) if token else None
    if case is None:
        raise SessionEnded
    return case


class SessionEnded(Refusal):
    """Half an hour has passed, or the page was closed."""

    slug = "session-ended"
    message = N_("This page was closed. Type your number again to open it.")


async def _question_page(
    request: Request,
    lang: str,
    rig: Rig,
    case: Case,
    *,
    status: int = 200,
    v: dict[str, Any] | None = None,
    errors: dict[str, str] | None = None,
) -> HTMLResponse:
    async with rig.service.database.reading() as session:
        thread = await queries.thread_of(session, rig, case)
    return render(
        request,
        "question.html",
        lang=lang,
        status=status,
        case=case,
        original=await queries.original_of(rig, case),
        step=current_step(Status(case.status)),
        thread=thread,
        v=v or {},
        errors=errors or {},
        headers=NO_STORE,
    )


@router.post("/{lang}/follow/message")
async def add_message(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Add something to one's question."""
    form = await read_form(request, MessageForm, lang)
    if form.data is None:
        async with rig.service.database.reading() as session:
            case = await _own_case(request, rig, session)
        return await _question_page(
            request, lang, rig, case, status=422, v=form.values, errors=form.errors
        )
    async with rig.service.database.writing() as work:
        case = await _own_case(request, rig, work.session)
        await actions.add_message(work, rig, case, form.data.message, author="asker")
    return RedirectResponse(f"/{lang}/follow", 303)


@router.post("/{lang}/follow/withdraw")
async def withdraw(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Take one's question back."""
    async with rig.service.database.writing() as work:
        case = await _own_case(request, rig, work.session)
        case.withdraw()
    return RedirectResponse(f"/{lang}/follow", 303)


@router.post("/{lang}/follow/close")
async def close(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Close the page: whoever uses this phone next sees nothing."""
    async with rig.service.database.writing() as work:
        await actions.close_asker_session(work, request.cookies.get(_cookie(rig), ""))
    response = RedirectResponse(f"/{lang}/follow", 303)
    response.delete_cookie(_cookie(rig))
    return response
