"""Leaving the desk: a text is let go, waits for another officer, or is sent back to its writer."""

from cri_shared.identity.proving import must_be_proved
from cri_shared.identity.staff import Staff
from cri_shared.web.forms import N_, read_form
from cri_shared.web.pages import see_other
from fastapi import Request
from fastapi.responses import Response
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.actions import desk as actions
from cri_intake.console.desk.forms import ReleaseForm, SendBackForm
from cri_intake.console.desk.page import Place, asked_by_partner, gate_of, show, show_draft
from cri_intake.models import Case, Draft, SecondOfficerNeeded
from cri_intake.queries import desk
from cri_intake.queries.desk import Gate
from cri_intake.rig import Rig

WAITS = N_("The text waits for another officer.")


async def release(request: Request, rig: Rig, staff: Staff, place: Place) -> Response:
    """Let the text go, or let it wait for another officer."""
    form = await read_form(request, ReleaseForm)
    if form.data is None:
        raise actions.ChangedMeanwhile
    page = f"/console/questions/{place.question_id}"
    async with rig.service.database.reading() as session:
        case = await desk.case_of(session, place.question_id)
        if await _has_left(session, rig, case, place):
            return see_other(request, page, N_("This text has left."))
        draft = await _draft(session, case, place, form.data.draft)
    gate = await gate_of(rig, place, await desk.text_of(rig, case, draft), draft.language)
    alarm = form.data.false_alarm if gate.leaks else None
    if gate.leaks and (alarm or draft.alarm):  # against the leak check
        await must_be_proved(request, staff)
    asks = alarm is not None and draft.second_asked_at is None and draft.checked_at is not None
    try:
        leaves = not asks and await actions.may_leave(rig, case, draft, gate, by=staff)
    except SecondOfficerNeeded:  # a second click of the officer who asked for one
        return see_other(request, page, WAITS)
    except actions.TextLeaks as leaks:
        form.refuse("text", leaks.message)
        return await show(request, rig, staff, place, form=form, gate=gate, draft=draft)
    if not leaves:
        async with rig.service.database.writing() as work:
            case = await desk.case_of(work.session, place.question_id)
            draft = await _draft(work.session, case, place, form.data.draft)
            await actions.ask_second(work, case, draft, alarm=alarm, by=staff)
        return see_other(request, page, WAITS)
    await _let_go(rig, staff, place, gate, form.data.draft)
    return see_other(request, page, N_("The new text was released."))


async def send_back(request: Request, rig: Rig, staff: Staff, place: Place) -> Response:
    """The second officer wants another text, and says why."""
    form = await read_form(request, SendBackForm)
    if form.data is None:
        return await show_draft(request, rig, staff, place, form=form)
    async with rig.service.database.writing() as work:
        case = await desk.case_of(work.session, place.question_id)
        draft = await _draft(work.session, case, place, form.data.draft)
        await actions.send_draft_back(work, rig, case, draft, form.data.remark, by=staff)
    page = f"/console/questions/{place.question_id}"
    return see_other(request, page, N_("The text goes back to the officer who wrote it."))


async def _has_left(session: AsyncSession, rig: Rig, case: Case, place: Place) -> bool:
    """Whether a first click, or somebody else, released it."""
    asked = await asked_by_partner(session, rig, case, place)
    return (case.released_at if asked is None else asked.given_at) is not None


async def _draft(session: AsyncSession, case: Case, place: Place, draft_id: str) -> Draft:
    """The draft that was looked at; raises `ChangedMeanwhile` where it was rewritten since."""
    draft = await desk.draft_of(session, case, place.purpose)
    if draft is None or draft.draft_id != draft_id:
        raise actions.ChangedMeanwhile
    return draft


async def _let_go(rig: Rig, staff: Staff, place: Place, gate: Gate, draft_id: str) -> None:
    database = rig.service.database
    if place.purpose != actions.QUESTION:
        async with database.writing() as work:
            case = await desk.case_of(work.session, place.question_id)
            draft = await _draft(work.session, case, place, draft_id)
            await actions.may_leave(rig, case, draft, gate, by=staff)
            await actions.give_clarification(work, rig, case, draft, gate, by=staff)
        return
    try:
        async with rig.new_owner("research") as (research_id, key), database.writing() as work:
            case = await desk.case_of(work.session, place.question_id)
            draft = await _draft(work.session, case, place, draft_id)
            await actions.may_leave(rig, case, draft, gate, by=staff)
            await actions.release_question(
                work, rig, case, draft, gate, research_id=research_id, key=key, by=staff
            )
    except IntegrityError:  # another click released it at the same moment
        raise actions.ChangedMeanwhile from None
