"""The course of a research question, as other services and the desk decide it."""

from collections.abc import Iterable

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.events import Event
from cri_shared.events.intake import ClarificationGiven, QuestionCleared
from cri_shared.events.publishing import RefreshRequested
from cri_shared.events.research import QuestionDispatched
from cri_shared.identity import audit
from cri_shared.privacy.vault import SealedText
from sqlalchemy import bindparam, exists, select, update
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.attributes import set_committed_value

from cri_research.actions import links
from cri_research.models import (
    Assignment,
    Clarification,
    CountryState,
    EarlyWithdrawal,
    Partner,
    Question,
    Remark,
)
from cri_research.rig import Rig
from cri_research.rules.states import Status

_HEARD = select(
    exists().where(Question.research_id == bindparam("research_id")),
    exists().where(EarlyWithdrawal.research_id == bindparam("research_id")),
)


async def find_question(work: Work, research_id: str) -> Question | None:
    """A question with its assignments, locked for this transaction; None where it is not ours."""
    wanted = (
        select(Question)
        .where(Question.research_id == research_id)
        .options(selectinload(Question.assignments))
        .with_for_update()
    )
    question = (await work.session.execute(wanted)).scalar_one_or_none()
    for assignment in question.assignments if question else ():
        set_committed_value(assignment, "question", question)  # the session holds it weakly
    return question


async def load_question(work: Work, research_id: str) -> Question:
    """A question with its assignments, locked for this transaction; raises `NotFound`."""
    question = await find_question(work, research_id)
    if question is None:
        raise NotFound
    return question


async def load_assignment(work: Work, assignment_id: str) -> Assignment:
    """An assignment with its question, locked for this transaction; raises `NotFound`."""
    of = select(Assignment.research_id).where(Assignment.assignment_id == assignment_id)
    research_id = (await work.session.execute(of)).scalar_one_or_none()
    if research_id is None:
        raise NotFound
    question = await load_question(work, research_id)
    return next(a for a in question.assignments if a.assignment_id == assignment_id)


async def tell(work: Work, question: Question, event: Event) -> None:
    """Publish a fact about a question under its next version."""
    await work.emit(event, version=question.next_version())


async def announce(work: Work, question: Question, assignment: Assignment) -> None:
    """Tell which partner's due date holds now: at dispatch and whenever it moves."""
    await tell(
        work,
        question,
        QuestionDispatched(
            research_id=question.research_id,
            assignment_id=assignment.assignment_id,
            due_on=assignment.due_on,
        ),
    )


async def remark(
    work: Work,
    rig: Rig,
    question: Question,
    kind: str,
    text: str | None,
    *,
    author: str,
    assignment: Assignment | None = None,
) -> None:
    """Keep words beside a decision; without words there is nothing to keep."""
    if not text:
        return
    sealed = await rig.sealed_question(question.research_id)
    row = Remark(
        research_id=question.research_id,
        assignment_id=assignment.assignment_id if assignment else None,
        kind=kind,
        author=author,
        text_sealed=sealed.seal(f"remark:{kind}", text),
        at=clock.now(),
    )
    work.session.add(row)


async def release(
    work: Work, assignments: Iterable[Assignment], *, but: Question | None = None
) -> None:
    """Close the links to what ended, and let questions that wait have the room it left.

    `but` is a question that a person decides about: the policy leaves it alone.
    """
    ended = list(assignments)
    await links.revoke(work, [a.assignment_id for a in ended])
    ids = {a.partner_id for a in ended}
    lists = await work.session.execute(select(Partner.countries).where(Partner.partner_id.in_(ids)))
    await look_again(work, [c for some in lists.scalars() for c in some], but=but)


async def look_again(work: Work, countries: Iterable[str], *, but: Question | None = None) -> None:
    """Let the policy look again at the questions of these countries that nobody has.

    However many they are, only their countries are marked; always in one order, so that two who
    do so wait for each other once.
    """
    await work.session.flush()
    for country in sorted(set(countries)):
        await work.session.execute(
            update(CountryState)
            .where(CountryState.country == country)
            .values(room_made=CountryState.room_made + 1)
            .execution_options(synchronize_session=False)
        )
    if but is not None and but.status == Status.NEW:
        await pass_over(work, but)


async def pass_over(work: Work, question: Question) -> None:
    """Let the policy look at a question again once its country has made more room than now."""
    made = select(CountryState.room_made).where(CountryState.country == question.country)
    question.pass_over((await work.session.execute(made)).scalar_one_or_none() or 0)


async def receive_question(
    work: Work, rig: Rig, event: QuestionCleared | RefreshRequested
) -> Question | None:
    """Take a released question in, or its new text after it went back to the desk.

    A question that is known already, or was taken back before it came, changes nothing. A new one
    is put in by who considers it, as the row that it then is.
    """
    heard = await work.session.execute(_HEARD, {"research_id": event.research_id})
    is_known, is_taken_back = heard.one()
    if is_taken_back:
        return None
    key = await rig.keys.ensure("question", event.research_id)
    sealed = SealedText(key, f"question:{event.research_id}")
    known = await find_question(work, event.research_id) if is_known else None
    if known is None:
        return _new_question(event, sealed)
    if known.status == Status.RETURNED and isinstance(event, QuestionCleared):
        known.text_sealed = sealed.seal("text", event.text)
        known.language, known.region = event.language, event.region
        known.topics, known.sensitivity = list(event.topics), event.sensitivity
        known.needed_by, known.urgency = event.needed_by, event.urgency
        known.clear_again()
        return known
    return None


def _new_question(event: QuestionCleared | RefreshRequested, sealed: SealedText) -> Question:
    refresh = isinstance(event, RefreshRequested)
    return Question(
        research_id=event.research_id,
        entry_id=event.entry_id if isinstance(event, RefreshRequested) else None,
        text_sealed=sealed.seal(
            "text", event.question if isinstance(event, RefreshRequested) else event.text
        ),
        language=event.language,
        country=event.country,
        region=event.region,
        topics=list(event.topics),
        needed_by=event.wanted_by if isinstance(event, RefreshRequested) else event.needed_by,
        urgency="normal" if refresh else getattr(event, "urgency", "normal"),
        sensitivity=event.sensitivity,
        status=Status.NEW,
        received_at=clock.now(),
        changed_at=clock.now(),
        consider_at=clock.now(),
        assignments=[],
    )


async def withdraw_question(work: Work, research_id: str) -> None:
    """Nobody waits for the answer any more: every link to it ends."""
    question = await find_question(work, research_id)
    if question is None:
        early = EarlyWithdrawal(research_id=research_id, withdrawn_at=clock.now())
        await work.session.merge(early)
        return
    question.withdraw()
    await release(work, question.assignments)
    await audit.note(work, "research.question.withdrawn", research_id)


async def hear_clarification(work: Work, rig: Rig, event: ClarificationGiven) -> None:
    """The desk replied: the partner who asked (or each that has the question) can read it."""
    question = await find_question(work, event.research_id)
    if question is None:
        return
    sealed = await rig.sealed_question(question.research_id)
    row = await work.session.get(Clarification, event.clarification_id)
    if row is not None and row.replied_at is not None:
        return
    if row is None:
        row = Clarification(
            clarification_id=event.clarification_id, research_id=question.research_id
        )
        work.session.add(row)
    row.reply_sealed = sealed.seal(f"reply:{event.clarification_id}", event.text)
    row.replied_at = clock.now()
    for assignment in question.open_assignments:
        if row.assignment_id not in (None, assignment.assignment_id):
            continue
        if await _all_replied(work, assignment, row) and assignment.hear_reply():
            await announce(work, question, assignment)
        await links.send(work, rig, assignment, links.CLARIFIED)


async def _all_replied(work: Work, assignment: Assignment, newest: Clarification) -> bool:
    """Whether nothing else that this partner asked still waits."""
    waiting = select(Clarification.clarification_id).where(
        Clarification.assignment_id == assignment.assignment_id,
        Clarification.replied_at.is_(None),
        Clarification.clarification_id != newest.clarification_id,
    )
    return (await work.session.execute(waiting.limit(1))).first() is None
