"""Sending a question to a partner: by policy, or by a coordinator who knows better."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from sqlalchemy import bindparam, select, update

from cri_research.actions import links, questions
from cri_research.models import Assignment, CountryState, Partner, PartnerCannotTakeIt, Question
from cri_research.queries import partners, suited
from cri_research.queries.suited import Roster
from cri_research.rig import Rig
from cri_research.rules.deadlines import due_date
from cri_research.rules.matching import Match, Wanted, fits_automatically
from cri_research.rules.states import Status

PASSED_AT_ONCE = 200  # questions of a country that are looked at again in one transaction
_STATE = select(CountryState.room_made, CountryState.automatic).where(
    CountryState.country == bindparam("country")
)


async def consider_waiting(work: Work, rig: Rig) -> None:
    """Let the policy look at every question whose time has come.

    Then at those for which there was nobody, where room was made since.
    """
    waiting = select(Question.research_id).where(Question.consider_at <= clock.now())
    ids = (await work.session.execute(waiting.order_by(Question.consider_at).limit(50))).scalars()
    for research_id in ids.all():
        await consider(work, rig, await questions.load_question(work, research_id))
    made = select(CountryState).where(CountryState.room_seen < CountryState.room_made)
    seen = {
        state: state.room_made
        for state in (await work.session.execute(made)).scalars().all()
        if await _is_all_seen(work, rig, state)
    }
    for state, room_made in seen.items():  # last of all: who makes room waits for it
        state.room_seen = room_made


async def consider(work: Work, rig: Rig, question: Question) -> Assignment | None:
    """Send a new question to its best partner where the policy allows it, else leave it waiting."""
    question.consider_at = None
    if question.status != Status.NEW:
        return None
    of = {"country": question.country}
    state = (await work.session.execute(_STATE, of)).one_or_none()
    # Before it looks: room made meanwhile is seen later.
    question.pass_over(state.room_made if state else 0)
    work.session.add(question)  # a new one: as it is now, so it is written once
    automatic = state.automatic if state else None
    if not await _has_room(work, rig, question.country, automatic):
        return None
    roster = await suited.roster_of(work.session, question.country)
    return await _consider(work, rig, question, roster)


async def _consider(work: Work, rig: Rig, question: Question, roster: Roster) -> Assignment | None:
    fitting, _ = roster.ranked(suited.wanted_of(question), question.assignments)
    best = _best(rig, fitting, question.sensitivity)
    if best is None:
        return None
    return await _send(work, rig, question, roster.partners[best.partner_id], score=best.score)


def _best(rig: Rig, fitting: list[Match], sensitivity: str) -> Match | None:
    """The one whom the policy would send such a question to."""
    best = next((m for m in fitting if m.by_policy), None)
    threshold = rig.settings.automatic_score
    return best if fits_automatically(best, threshold=threshold, sensitivity=sensitivity) else None


async def _has_room(work: Work, rig: Rig, country: str, automatic: bool | None) -> bool:
    """Whether anything can be sent there by policy; `automatic` is what was said of the country."""
    if automatic is None:
        automatic = rig.settings.automatic_dispatch
    return automatic and await suited.has_room(work.session, country)


async def _is_all_seen(work: Work, rig: Rig, state: CountryState) -> bool:
    """Look at some questions that were passed over; whether no more of them is to be looked at."""
    if not await _has_room(work, rig, state.country, state.automatic):
        return True
    passed = (
        select(Question.research_id, Question.topics, Question.language, Question.region)
        .where(Question.country == state.country, Question.passed_at < state.room_made)
        .order_by(Question.passed_at, Question.received_at, Question.research_id)
        .limit(PASSED_AT_ONCE)
    )
    found = (await work.session.execute(passed)).all()
    roster = await suited.roster_of(work.session, state.country)
    suits: dict[Wanted, bool] = {}
    for row in found:
        wanted = Wanted(state.country, frozenset(row.topics), row.language, row.region)
        if wanted not in suits:
            suits[wanted] = _best(rig, roster.ranked(wanted)[0], "") is not None
        if suits[wanted]:
            question = await questions.load_question(work, row.research_id)
            if question.status == Status.NEW and await _consider(work, rig, question, roster):
                if not await _has_room(work, rig, state.country, state.automatic):
                    return True
                roster, suits = await suited.roster_of(work.session, state.country), {}
    ids = [row.research_id for row in found]
    await work.session.execute(
        update(Question)
        .where(Question.research_id.in_(ids), Question.passed_at < state.room_made)
        .values(passed_at=state.room_made)
        .execution_options(synchronize_session=False)
    )
    return len(found) < PASSED_AT_ONCE


async def dispatch_question(
    work: Work,
    rig: Rig,
    research_id: str,
    partner_id: str,
    *,
    by: Staff,
    due_on: dt.date | None = None,
    reason: str | None = None,
    replaces: str | None = None,
) -> Assignment:
    """Send a question to the partner that a person chose, instead of another one if `replaces`.

    Raises `NotFound`, `QuestionIsClosed` or `PartnerCannotTakeIt`.
    """
    question = await questions.load_question(work, research_id)
    partner = await partners.partner_of(work.session, partner_id)
    if not partner.is_available or partner.lacks_pin:
        raise PartnerCannotTakeIt
    if replaces:
        await take_back(work, question, replaces, "reassigned", by=by)
    assignment = await _send(work, rig, question, partner, due_on=due_on, by=by)
    await questions.remark(
        work, rig, question, "choice", reason, author=by.name, assignment=assignment
    )
    return assignment


async def take_back(
    work: Work, question: Question, assignment_id: str, why: str, *, by: Staff
) -> None:
    """Take a question from a partner; a person looks for the next one."""
    assignment = next((a for a in question.assignments if a.assignment_id == assignment_id), None)
    if assignment is None:
        raise PartnerCannotTakeIt
    assignment.cancel(why)
    await questions.release(work, [assignment], but=question)
    facts = {"assignment_id": assignment_id, "reason": why}
    await audit.note(work, "research.assignment.cancelled", question.research_id, by=by, **facts)


async def _send(
    work: Work,
    rig: Rig,
    question: Question,
    partner: Partner,
    *,
    due_on: dt.date | None = None,
    by: Staff | None = None,
    score: int | None = None,
) -> Assignment:
    calendar = partner.home_country
    due = due_on or due_date(clock.today(), question.urgency, calendar, question.needed_by)
    chosen_by = "person" if by else "policy"
    assignment = question.dispatch(partner.partner_id, due, country=calendar, by=chosen_by)
    work.session.add(assignment)
    await links.send(work, rig, assignment, links.DISPATCHED)
    await questions.announce(work, question, assignment)
    facts = {
        "assignment_id": assignment.assignment_id,
        "partner_id": partner.partner_id,
        "due_on": due.isoformat(),
    }
    if score is not None:
        facts["score"] = str(score)
    await audit.note(work, "research.question.dispatched", question.research_id, by=by, **facts)
    return assignment
