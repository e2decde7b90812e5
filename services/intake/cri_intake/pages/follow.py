"""Follow a question behind its number: where it is, the answer, the thread, the way out."""

from typing import Annotated, Any, Literal

from cri_shared.errors import Invalid, Refusal
from cri_shared.privacy.classes import C1, C3, K
from cri_shared.privacy.receipts import parse_receipt
from cri_shared.web.cookies import cookie, drop_cookie, keep_cookie
from cri_shared.web.forms import N_, FormModel, Submitted, check_form_token, read_form
from cri_shared.web.lanes import Guarded, Pace, lanes_of, slowed
from cri_shared.web.markdown import to_html
from cri_shared.web.pages import PublicLang, render, see_other
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.actions import askers as actions
from cri_intake.actions.thread import add_message
from cri_intake.models import AnswerRatedBefore, Case
from cri_intake.pages.ask import ASKING, NO_STORE
from cri_intake.queries import askers, helpers, research
from cri_intake.queries.erasures import last_day, request_of
from cri_intake.rig import InRig, Rig
from cri_intake.rules import ASKER_SESSION, MAX_TEXT, Status, current_step

router = APIRouter(include_in_schema=False)
# 10 million tries a year at 10^16 numbers: with 10,000 of them in use, one in 100,000 years hits.
NUMBERS = Guarded("numbers", each=Pace(5, 6.0), longest=20.0, all=Pace(20, 3.0))
COOKIE = "cri_asker"  # opens a question for half an hour
UNKNOWN_RECEIPT = N_("We do not know this number. Check it and try again.")


class ReceiptForm(FormModel):
    """The number that an asker kept."""

    receipt: Annotated[str, Field(max_length=80), K]
    messages = {"receipt": N_("Type the number that you got with your question")}  # noqa: RUF012


class MessageForm(FormModel):
    """Something to add to a question."""

    message: Annotated[str, Field(max_length=MAX_TEXT), C3]
    messages = {"message": N_("Write your message")}  # noqa: RUF012


class RatingForm(FormModel):
    """Whether an answer was useful."""

    useful: Annotated[Literal["yes", "partly", "no"], C1]
    messages = {"useful": N_("Choose one of the answers")}  # noqa: RUF012


@router.get("/{lang}/follow")
async def follow_page(request: Request, lang: PublicLang, rig: InRig) -> HTMLResponse:
    """The door, or the question of the session that is open."""
    token = cookie(request, COOKIE)
    async with rig.service.database.reading() as session:
        case = await askers.case_of_session(session, token) if token else None
    if case is not None:
        return await _question_page(request, lang, rig, case)
    return render(request, "follow.html", lang=lang, v={}, errors={}, headers=NO_STORE)


@router.post("/{lang}/follow")
async def follow(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Open the question behind a number; wrong and unknown numbers look the same."""
    form = await read_form(request, ReceiptForm, lang)
    case = await _behind(request, rig, form)
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
    life = int(ASKER_SESSION.total_seconds())
    keep_cookie(response, rig.settings, COOKIE, token, samesite="strict", seconds=life)
    return response


async def _behind(request: Request, rig: Rig, form: Submitted[ReceiptForm]) -> Case | None:
    if form.data is None:
        return None
    try:
        receipt = parse_receipt(form.data.receipt)
    except Invalid as mistyped:  # the check digits tell a slip of the finger, and help mend it
        form.refuse("receipt", mistyped.message)
        return None
    async with lanes_of(request).trying(NUMBERS, request) as attempt:
        async with rig.service.database.reading() as session:
            case = await askers.case_of_receipt(session, rig, receipt)
        attempt.succeeded = case is not None
    if case is None:
        rig.service.attempts.count("receipt.unknown")
    return case


async def own_case(
    request: Request, rig: Rig, session: AsyncSession, *, hold: bool = False
) -> Case:
    """The case of the session that is open, for who changes it with `hold`; or `SessionEnded`."""
    token = cookie(request, COOKIE)
    case = await askers.case_of_session(session, token, hold=hold) if token else None
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
        following = await helpers.following(session, case)
        code = await helpers.waiting_code(session, case)
        thread = await askers.thread_of(session, rig, case)
        delivered = await research.delivered_to(session, rig, case)
        erasure = await request_of(session, case.question_id)
    words = await askers.words_of(rig, case)
    return render(
        request,
        "question.html",
        lang=lang,
        status=status,
        case=case,
        original=words.original,
        step=current_step(Status(case.status)),
        late=askers.lateness(case),
        thread=thread,
        delivered=delivered,
        erasure=erasure,
        following=following,
        code=code,
        kept_until=last_day(rig.settings, case),
        markdown=to_html,
        v=v or {},
        errors=errors or {},
        headers=NO_STORE,
    )


@router.post("/{lang}/follow/message", dependencies=[Depends(slowed(ASKING))])
async def message(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Add something to one's question."""
    form = await read_form(request, MessageForm, lang)
    form_id = await check_form_token(request, form)
    if form.data is None or form_id is None:
        return await form_again(request, lang, rig, form)
    async with rig.service.database.writing() as work:
        case = await own_case(request, rig, work.session, hold=True)
        await add_message(work, rig, case, form.data.message, form_id=form_id)
    return see_other(request, f"/{lang}/follow", N_("We have your message."))


async def form_again(request: Request, lang: str, rig: Rig, form: Submitted[Any]) -> HTMLResponse:
    """The question's page with a form that must be mended."""
    async with rig.service.database.reading() as session:
        case = await own_case(request, rig, session)
    return await _question_page(
        request, lang, rig, case, status=422, v=form.values, errors=form.errors
    )


@router.post("/{lang}/follow/rate")
async def rate(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Say once whether the answer was useful."""
    form = await read_form(request, RatingForm, lang)
    if form.data is None:
        return await form_again(request, lang, rig, form)
    try:
        async with rig.service.database.writing() as work:
            case = await own_case(request, rig, work.session, hold=True)
            await actions.rate_answer(work, case, form.data.useful)
    except AnswerRatedBefore as before:
        return see_other(request, f"/{lang}/follow", before.message)
    return see_other(request, f"/{lang}/follow", N_("Thank you. This helps us to do better."))


@router.post("/{lang}/follow/keep")
async def keep(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Hear when the answer changes; the question is kept for longer."""
    async with rig.service.database.writing() as work:
        await actions.keep_longer(work, await own_case(request, rig, work.session, hold=True))
    return see_other(request, f"/{lang}/follow", N_("We tell you when the answer changes."))


@router.post("/{lang}/follow/withdraw")
async def withdraw(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Take one's question back."""
    async with rig.service.database.writing() as work:
        case = await own_case(request, rig, work.session, hold=True)
        await actions.withdraw_question(work, case)
    return RedirectResponse(f"/{lang}/follow", 303)


@router.post("/{lang}/follow/close")
async def close(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Close the page: whoever uses this phone next sees nothing."""
    async with rig.service.database.writing() as work:
        await actions.close_asker_session(work, cookie(request, COOKIE))
    response = RedirectResponse(f"/{lang}/follow", 303)
    drop_cookie(response, rig.settings, COOKIE)
    return response
