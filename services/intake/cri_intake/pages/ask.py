"""Ask a question: what exists already is shown first, and sending twice asks once."""

from typing import Annotated, Any

from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.places import COUNTRIES, ELSEWHERE, LANGUAGES
from cri_shared.privacy.classes import C1, C3
from cri_shared.privacy.receipts import format_receipt
from cri_shared.web.forms import N_, FormModel, check_form_token, read_form
from cri_shared.web.lanes import Lane, Pace, slowed
from cri_shared.web.markdown import to_html
from cri_shared.web.pages import PublicLang, render, see_other
from cri_shared.web.squares import square
from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import Field
from sqlalchemy.exc import IntegrityError

from cri_intake.actions.askers import receipt_saved
from cri_intake.actions.recording import Recorded, record_question, recorded_before
from cri_intake.queries import askers, suggestions
from cri_intake.rig import InRig, Rig
from cri_intake.rules import MAX_TEXT
from cri_intake.submission import QuestionForm, Submission, submission_of

router = APIRouter(include_in_schema=False)
ASKING = Lane("asking", each=Pace(5, 60.0), longest=5.0)
NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}


class StartForm(FormModel):
    """What comes along from a search that found nothing."""

    country: Annotated[str | None, Field(max_length=2), C1] = None
    question: Annotated[str | None, Field(max_length=MAX_TEXT), C3] = None


async def form_page(
    request: Request,
    lang: str,
    rig: Rig,
    *,
    v: dict[str, Any],
    errors: dict[str, str] | None = None,
    status: int = 200,
    look: bool = False,
) -> HTMLResponse:
    """The form, with the answers that exist already where `look` asks for them."""
    country, text = str(v.get("country", "")), str(v.get("question", ""))
    async with rig.service.database.reading() as session:
        nobody_in = await suggestions.countries_without_partner(session)
        found = (
            await suggestions.suggestions(session, country, text, lang)
            if look and country and text
            else []
        )
    return render(
        request,
        "ask.html",
        lang=lang,
        status=status,
        v=v,
        errors=errors or {},
        nobody_in=nobody_in,
        found=found,
        looked=look,
        markdown=to_html,
        light=request.headers.get("save-data") == "on",
        language_tags=LANGUAGES,
        headers=NO_STORE,
    )


@router.get("/{lang}/")
async def home(lang: PublicLang) -> RedirectResponse:
    """Intake's first page is the form."""
    return RedirectResponse(f"/{lang}/ask", 303)


@router.get("/{lang}/ask")
async def ask_page(
    request: Request, lang: PublicLang, rig: InRig, country: str = ""
) -> HTMLResponse:
    """The form; an address may choose the country, and nothing else."""
    known = {"country": country} if country in COUNTRIES else {}
    return await form_page(request, lang, rig, v=known)


@router.post("/{lang}/ask/start")
async def start(request: Request, lang: PublicLang, rig: InRig) -> HTMLResponse:
    """The form with what was searched for; nothing is stored, and no word travels in an address."""
    form = await read_form(request, StartForm, lang)
    known = {name: form.values.get(name, "") for name in StartForm.model_fields}
    return await form_page(request, lang, rig, v=known, look=True)


@router.post("/{lang}/ask/check")
async def check(request: Request, lang: PublicLang, rig: InRig) -> HTMLResponse:
    """The form as it was filled in, with the answers that exist already; nothing is stored."""
    form = await read_form(request, QuestionForm, lang)
    wanted = {n: words for n, words in form.errors.items() if n in ("country", "question")}
    status = 422 if wanted else 200
    return await form_page(
        request, lang, rig, v=form.values, errors=wanted, status=status, look=not wanted
    )


@router.post("/{lang}/ask", dependencies=[Depends(slowed(ASKING))])
async def ask(request: Request, lang: PublicLang, rig: InRig) -> HTMLResponse:
    """Record a question and show its number; a second click asks nothing twice and shows it too.

    Where there are answers that may fit, they are shown once before.
    """
    form = await read_form(request, QuestionForm, lang)
    form_id = await check_form_token(request, form)
    submission = submission_of(form, lang)
    if form_id is None or submission is None:
        return await form_page(request, lang, rig, v=form.values, errors=form.errors, status=422)
    if form.data and not form.data.seen and await _has_answers(rig, submission, form_id, lang):
        return await form_page(request, lang, rig, v=form.values, look=True)
    recorded = await record_once(rig, submission, form_id, "web")
    if recorded is None:
        return render(request, "asked_before.html", lang=lang, status=200, headers=NO_STORE)
    return render(
        request,
        "asked.html",
        lang=lang,
        status=200 if recorded.again else 201,
        again=recorded.again,
        receipt=format_receipt(recorded.receipt),
        elsewhere=submission.country == ELSEWHERE.code,
        v={"form_token": form.values["form_token"]},
        qr=_picture(f"{rig.settings.public_url}/{lang}/follow"),
        headers=NO_STORE,
    )


async def _has_answers(rig: Rig, submission: Submission, form_id: str, lang: str) -> bool:
    """Whether somebody who did not send this form before might need to send it no more."""
    async with rig.service.database.reading() as session:
        if await askers.case_of_form(session, form_id) is not None:
            return False
        found = await suggestions.suggestions(session, submission.country, submission.text, lang)
        return bool(found)


@router.post("/{lang}/ask/saved")
async def saved(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """The asker kept the number; now it can be tried."""
    form = await read_form(request, FormModel, lang)
    form_id = await check_form_token(request, form)
    if form_id is not None:
        async with rig.service.database.writing() as work:
            await receipt_saved(work, form_id)
    return see_other(request, f"/{lang}/follow", N_("Good. Type your number here to try it."))


def _picture(url: str) -> str:
    """A QR picture of the address where the number is typed.

    The number itself is not in it: telephones keep and send on what they scan.
    """
    return square(url)


async def record_once(
    rig: Rig, submission: Submission, form_id: str, channel: str, *, by: Staff | None = None
) -> Recorded | None:
    """Record a form's question, once; None where it was recorded before, a while ago.

    When more come in than people can send, none is refused: they are set aside for an officer.
    """
    try:
        async with (
            rig.new_owner("case") as (question_id, key),
            rig.service.database.writing() as work,
        ):
            lately = await askers.asked_lately(work.session) if channel == "web" else 0
            recorded = await record_question(
                work,
                rig,
                submission,
                key=key,
                question_id=question_id,
                channel=channel,
                form_id=form_id,
                held=lately >= rig.settings.asks_per_minute,
            )
            if by is not None:
                await audit.note(work, "question.entered", question_id, by=by)
            return recorded
    except IntegrityError:
        async with rig.service.database.reading() as session:
            case = await askers.case_of_form(session, form_id)
        if case is None:
            raise
        return recorded_before(rig, case, form_id)
