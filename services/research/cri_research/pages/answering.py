"""The answer form: checked field by field, kept on every error, sources row by row."""

import datetime as dt
import re
from dataclasses import replace
from typing import Annotated, Any, Literal

from cri_shared import clock
from cri_shared.places import canonical_language
from cri_shared.privacy.classes import C1, C2
from cri_shared.privacy.gate import by_kind, explained, said_in, told
from cri_shared.web.forms import N_, FormModel, Submitted, read_form
from cri_shared.web.pages import PublicLang, see_other
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field, ValidationError, field_validator

from cri_research.actions import assignments
from cri_research.models import AssignmentIsClosed, Question
from cri_research.pages.task import ANSWERED, FEW_ROWS, NO_STORE, keep, sender_of, task_page
from cri_research.queries.partner_page import Behind
from cri_research.queries.partners import identity_of
from cri_research.queries.people import seen_in
from cri_research.rig import InRig, Rig
from cri_research.rules.answers import MAX_ROWS, Answer, SourceLine
from cri_research.rules.people import Seen, leaving, still_open

router = APIRouter(include_in_schema=False)
OLDEST = dt.timedelta(days=2 * 366)
_TELLING = ("label", "public_label", "publisher", "url", "published_on", "consulted_on", "kind")
NOT_YET = N_("This day has not come yet. Check the date.")
NAMES_YOU = N_("This tells who you are: %(words)s. Readers must not know it. Take it out.")
PERSONAL_DATA = N_(
    "This may belong to a private person: %(words)s. Take it out, or say at the end of the form"
    " why it belongs to the answer."
)
LONG_AGO = N_("This day is more than two years ago. Check the year.")

Kind = Literal["visit", "phone", "interview", "web", "law", "document", "media", "experience"]
WRONG_DATE = N_("Write a date such as 2026-03-12")


class AnswerForm(FormModel):
    """What the partner found."""

    outcome: Annotated[Literal["found", "partly", "conflicting", "not_found"], C1]
    text: Annotated[str | None, Field(max_length=20000), C2] = None
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z]{2})?$"), C1]
    information_date: Annotated[dt.date, C1]
    period_from: Annotated[dt.date | None, C1] = None
    period_to: Annotated[dt.date | None, C1] = None
    tried: Annotated[str | None, Field(max_length=6000), C2] = None
    do_not_publish: Annotated[bool, C1] = False
    show_name: Annotated[bool, C1] = False
    messages = {  # noqa: RUF012
        "outcome": N_("Choose what you found"),
        "language": N_("Choose the language in which you wrote"),
        ("information_date", "missing"): N_("Write the day on which you last checked this"),
        ("text", "string_too_long"): N_("Write at most 20,000 characters"),
    }

    @field_validator("language")
    @classmethod
    def _one_tag_per_language(cls, language: str) -> str:
        return canonical_language(language)


class SourceForm(FormModel):
    """One row of the sources."""

    kind: Annotated[Kind, C1]
    label: Annotated[str, Field(max_length=300), C2]
    public_label: Annotated[str | None, Field(max_length=300), C2] = None
    publisher: Annotated[str | None, Field(max_length=200), C2] = None
    url: Annotated[str | None, Field(max_length=500, pattern=r"^https?://\S+$"), C2] = None
    published_on: Annotated[dt.date | None, C1] = None
    consulted_on: Annotated[dt.date, C1]
    primary: Annotated[bool, C1] = False
    quotes: Annotated[int | None, Field(ge=1, le=MAX_ROWS), C1] = None
    confidentiality: Annotated[Literal["public", "internal"], C1] = "public"
    messages = {  # noqa: RUF012
        "kind": N_("Choose what kind of source this is"),
        ("label", "missing"): N_("Say what this source is"),
        ("url", "string_pattern_mismatch"): N_("Write an address that begins with https://"),
        ("consulted_on", "missing"): N_("Write the day on which you used this source"),
    }


@router.post("/{lang}/partner/answer")
async def answer(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Save the draft (`do=draft`), show more rows (`do=more`), or send the answer (`do=send`).

    `do=keep` is the page's script, which keeps what is typed meanwhile: 204, or 409 where the
    question is no longer this partner's.
    """
    form = await read_form(request, AnswerForm, lang)
    sender = await sender_of(request, rig, form, whole=True)
    if isinstance(sender, Response):
        return sender
    assignment_id = sender.assignment.assignment_id
    async with rig.service.database.writing() as work:
        kept = await keep(work, rig, assignment_id, form.values, whole=True)
    do = form.values.get("do", "send")
    if do == "keep":
        return Response(status_code=204 if kept else 409, headers=NO_STORE)
    if not kept:  # sent already, perhaps from another page
        return see_other(request, f"/{lang}/partner", ANSWERED)
    if do == "draft":
        return see_other(request, f"/{lang}/partner", N_("We kept what you typed."))
    if do == "more":
        form.errors.clear()
        return await task_page(request, lang, rig, sender, form=form, rows=_shown(form) + 2)
    checked = _checked(form)
    seen = await _look(rig, sender, form, checked) if checked else Seen()
    if checked is None or form.errors:
        open_ones = by_kind(seen.within(checked)) if checked else {}
        return await task_page(
            request, lang, rig, sender, form=form, form_class=AnswerForm, suspects=open_ones
        )
    flags = sorted(by_kind(seen.within(checked)))
    checked = replace(checked, kept=explained(seen.within(checked), said_in(form.values)))
    return await _send(request, lang, rig, sender, checked, flags)


async def _look(rig: Rig, sender: Behind, form: Submitted[AnswerForm], checked: Answer) -> Seen:
    """What the gate sees; what may be a person's comes back, to be taken out or explained."""
    async with rig.service.database.reading() as session:
        question = await session.get_one(Question, sender.assignment.research_id)
    shown = checked.show_name and sender.partner.visibility == "name"
    who = [] if shown else [(sender.partner, await identity_of(rig, sender.partner))]
    seen = await seen_in(question, [checked], who)
    for name, text in leaving(checked):
        if repeated := seen.secrets.get(text):
            words = ", ".join(f"“{one}”" for one in dict.fromkeys(repeated))
            form.refuse(name, NAMES_YOU, words=words)
    for name, group in still_open(checked, seen, said_in(form.values)):
        form.refuse(name, PERSONAL_DATA, words=told(group))
    return seen


async def _send(
    request: Request, lang: str, rig: Rig, sender: Behind, checked: Answer, flags: list[str]
) -> Response:
    said = N_("Thank you. We have your answer.")
    try:
        async with rig.service.database.writing() as work:
            await assignments.submit(work, rig, sender.assignment.assignment_id, checked, flags)
    except AssignmentIsClosed:
        said = ANSWERED
    return see_other(request, f"/{lang}/partner", said)


def _shown(form: Submitted[AnswerForm]) -> int:
    """How many rows of sources the page had."""
    numbers = [int(m[1]) for name in form.values if (m := re.match(r"source_(\d{1,2})_", name))]
    return max([FEW_ROWS, *(n for n in numbers if n <= MAX_ROWS)])


def _checked(form: Submitted[AnswerForm]) -> Answer | None:
    """The answer, or None with everything that is wrong beside its field."""
    sources = _sources(form)
    _check_whole(form, sources)
    if form.data is not None:
        _check_dates(form, form.data)
    if form.data is None or form.errors:
        return None
    data = form.data
    return Answer(
        outcome=data.outcome,
        text=data.text or data.tried or "",
        language=data.language,
        information_date=data.information_date,
        period_from=data.period_from,
        period_to=data.period_to,
        sources=tuple(sources),
        tried=data.tried,
        do_not_publish=data.do_not_publish,
        show_name=data.show_name,
    )


def _check_dates(form: Submitted[AnswerForm], data: AnswerForm) -> None:
    _check_past(form, "information_date", data.information_date)
    if data.period_from and data.period_to and data.period_to < data.period_from:
        form.refuse("period_to", N_("The period ends before it begins."))


def _check_past(form: Submitted[Any], name: str, day: dt.date) -> None:
    if day > clock.today():
        form.refuse(name, NOT_YET)
    elif day < clock.today() - OLDEST:
        form.refuse(name, LONG_AGO)


def _check_whole(form: Submitted[AnswerForm], sources: list[SourceLine]) -> None:
    """What must be there for this outcome, whether the single fields are right or not."""
    typed = {name: str(form.values.get(name, "")).strip() for name in AnswerForm.model_fields}
    outcome = typed["outcome"]
    if outcome != "not_found" and not typed["text"]:
        form.refuse("text", N_("Write your answer"))
    if outcome in ("partly", "not_found") and not typed["tried"]:
        form.refuse("tried", N_("Write what you tried, so that nobody tries the same again"))
    if outcome != "not_found" and not sources and not _has_source_errors(form):
        form.refuse("source_1_kind", N_("Name at least one source"))
    for line in sources:
        if line.is_internal and not line.public_label and not typed["do_not_publish"]:
            form.refuse(
                f"source_{line.number}_public_label",
                N_("Say how readers may know this source, such as “a nurse”"),
            )


def _has_source_errors(form: Submitted[AnswerForm]) -> bool:
    return any(name.startswith("source_") for name in form.errors)


def _sources(form: Submitted[AnswerForm]) -> list[SourceLine]:
    """The rows in which something was filled in."""
    rows: list[SourceLine] = []
    for number in range(1, MAX_ROWS + 1):
        prefix = f"source_{number}_"
        values = {
            name.removeprefix(prefix): value
            for name, value in form.values.items()
            if name.startswith(prefix)
        }
        if any(str(values.get(part, "")).strip() for part in _TELLING):
            line = _source(form, number, values)
            rows += [line] if line else []
    _check_quotes(form, rows)
    return rows


def _source(form: Submitted[AnswerForm], number: int, values: dict[str, Any]) -> SourceLine | None:
    prefix = f"source_{number}_"
    try:
        row = SourceForm.model_validate(values)
    except ValidationError as wrong:
        for error in wrong.errors(include_input=False, include_url=False):
            name = str(error["loc"][0])
            form.refuse(f"{prefix}{name}", _words(name, error["type"]))
        return None
    _check_past(form, f"{prefix}consulted_on", row.consulted_on)
    if row.published_on and row.published_on > row.consulted_on:
        form.refuse(f"{prefix}published_on", N_("It was published after you used it?"))
    return SourceLine(number=number, **row.model_dump())


def _words(name: str, kind: str) -> str:
    known = SourceForm.messages.get((name, kind)) or SourceForm.messages.get(name)
    if known:
        return known
    if kind.startswith("date"):
        return WRONG_DATE
    return N_("This text is too long") if kind == "string_too_long" else N_("Check this")


def _check_quotes(form: Submitted[AnswerForm], rows: list[SourceLine]) -> None:
    numbers = {line.number for line in rows}
    for line in rows:
        if line.quotes is not None and line.quotes not in numbers - {line.number}:
            form.refuse(
                f"source_{line.number}_quotes", N_("Choose another source that you filled in")
            )
