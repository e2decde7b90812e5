"""What a partner can do beside answering: accept, decline, ask, want more time, warn."""

import datetime as dt
from typing import Annotated, Literal

from cri_shared import clock
from cri_shared.privacy.classes import C1, C2
from cri_shared.web.forms import N_, FormModel, read_form
from cri_shared.web.pages import PublicLang, see_other
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field, field_validator

from cri_research.actions import assignments
from cri_research.pages.task import sender_of, task_page
from cri_research.rig import InRig

router = APIRouter(include_in_schema=False)
MAX_WORDS = 3000
MAX_EXTENSION = dt.timedelta(days=90)
Words = Annotated[str | None, Field(max_length=MAX_WORDS), C2]


class AcceptForm(FormModel):
    """Nothing but the button."""


class DeclineForm(FormModel):
    """Why not."""

    decline_reason: Annotated[Literal["no_capacity", "not_our_field", "unsafe", "other"], C1]
    decline_words: Words = None
    messages = {"decline_reason": N_("Choose why you cannot take this question")}  # noqa: RUF012


class ProblemForm(FormModel):
    """What is wrong with the question."""

    problem: Annotated[Literal["unsafe_text", "unclear"], C1]
    problem_words: Words = None
    messages = {"problem": N_("Choose what is wrong with the question")}  # noqa: RUF012


class AskForm(FormModel):
    """What the partner must know first."""

    ask_text: Annotated[str, Field(min_length=5, max_length=MAX_WORDS), C2]
    messages = {("ask_text", "missing"): N_("Write what you want to know")}  # noqa: RUF012


class TimeForm(FormModel):
    """Until when."""

    until: Annotated[dt.date, C1]
    time_words: Words = None
    messages = {("until", "missing"): N_("Choose the day on which you can answer")}  # noqa: RUF012

    @field_validator("until")
    @classmethod
    def _is_ahead_and_near(cls, until: dt.date) -> dt.date:
        if until <= clock.today():
            raise ValueError(N_("Choose a day that is still to come."))
        if until > clock.today() + MAX_EXTENSION:
            raise ValueError(N_("Choose a day within three months."))
        return until


@router.post("/{lang}/partner/accept")
async def accept(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Take the question."""
    form = await read_form(request, AcceptForm, lang)
    sender = await sender_of(request, rig, form)
    if isinstance(sender, Response):
        return sender
    async with rig.service.database.writing() as work:
        await assignments.accept(work, rig, sender.assignment.assignment_id)
    said = N_("Thank you. The question is yours now.")
    return see_other(request, f"/{lang}/partner", said)


@router.post("/{lang}/partner/decline")
async def decline(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Leave the question to somebody else."""
    form = await read_form(request, DeclineForm, lang)
    sender = await sender_of(request, rig, form)
    if isinstance(sender, Response):
        return sender
    if form.data is None:
        return await task_page(request, lang, rig, sender, form=form, form_class=DeclineForm)
    async with rig.service.database.writing() as work:
        await assignments.decline(
            work,
            rig,
            sender.assignment.assignment_id,
            form.data.decline_reason,
            form.data.decline_words,
        )
    said = N_("Thank you for telling us. We ask somebody else. You can close this page.")
    return see_other(request, f"/{lang}/partner", said)


@router.post("/{lang}/partner/problem")
async def problem(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Warn that the question is unsafe or unclear."""
    form = await read_form(request, ProblemForm, lang)
    sender = await sender_of(request, rig, form)
    if isinstance(sender, Response):
        return sender
    if form.data is None:
        return await task_page(request, lang, rig, sender, form=form, form_class=ProblemForm)
    async with rig.service.database.writing() as work:
        await assignments.report_problem(
            work,
            rig,
            sender.assignment.assignment_id,
            form.data.problem,
            form.data.problem_words,
        )
    said = N_("Thank you for the warning. We write the question anew. You can close this page.")
    return see_other(request, f"/{lang}/partner", said)


@router.post("/{lang}/partner/ask")
async def ask(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Ask something back."""
    form = await read_form(request, AskForm, lang)
    sender = await sender_of(request, rig, form)
    if isinstance(sender, Response):
        return sender
    if form.data is not None:
        try:
            async with rig.service.database.writing() as work:
                await assignments.ask_back(
                    work, rig, sender.assignment.assignment_id, form.data.ask_text
                )
        except assignments.EnoughAsked as enough:
            form.refuse("ask_text", enough.message)
    if form.errors:
        return await task_page(request, lang, rig, sender, form=form, form_class=AskForm)
    said = N_("We send you a message when there is a reply. Your time stands still meanwhile.")
    return see_other(request, f"/{lang}/partner", said)


@router.post("/{lang}/partner/time")
async def more_time(request: Request, lang: PublicLang, rig: InRig) -> Response:
    """Ask for more time."""
    form = await read_form(request, TimeForm, lang)
    sender = await sender_of(request, rig, form)
    if isinstance(sender, Response):
        return sender
    if form.data is not None and form.data.until <= sender.assignment.due_on:
        form.refuse("until", N_("Choose a day after the one you have now."))
    if form.data is None or form.errors:
        return await task_page(request, lang, rig, sender, form=form, form_class=TimeForm)
    async with rig.service.database.writing() as work:
        await assignments.ask_time(
            work, rig, sender.assignment.assignment_id, form.data.until, form.data.time_words
        )
    said = N_("We asked the coordinator and send you a message.")
    return see_other(request, f"/{lang}/partner", said)
