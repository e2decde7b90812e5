"""What research tells about the course of a question, brought to everybody who asked it."""

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.events.research import (
    AssignmentDeclined,
    AssignmentOverdue,
    ClarificationAsked,
    QuestionDispatched,
    QuestionReturned,
    QuestionUnanswered,
)
from cri_shared.identity import audit

from cri_intake.actions.desk import QUESTION
from cri_intake.actions.news import tell
from cri_intake.actions.thread import pause
from cri_intake.models import (
    Assignment,
    Case,
    Clarification,
    Draft,
    Release,
    ResearchQuestion,
    ResearchState,
)
from cri_intake.queries import research
from cri_intake.queries.desk import draft_of
from cri_intake.rig import Rig
from cri_intake.rules import Status, expected


async def _running(work: Work, research_id: str) -> ResearchQuestion | None:
    """A research question of ours that is under way; what comes too late is of no use."""
    found = await work.session.get(ResearchQuestion, research_id)
    return found if found is not None and found.state == ResearchState.OPEN else None


async def _turn(work: Work, research_id: str, assignment_id: str) -> Assignment:
    turn = await work.session.get(Assignment, assignment_id)
    if turn is None:
        turn = Assignment(assignment_id=assignment_id, research_id=research_id)
        work.session.add(turn)
    return turn


async def _expect(work: Work, research_id: str, action: str, **facts: str) -> None:
    """Bring the due date and the delay of a research question to its askers."""
    await work.session.flush()
    turns = await research.assignments_of(work.session, research_id)
    due_on, delay = expected((turn.due_on, turn.declined, turn.overdue_on) for turn in turns)
    for case in await research.cases_behind(work.session, research_id):
        case.expect(due_on, delay)
        await audit.note(work, action, case.question_id, **facts)


async def question_dispatched(work: Work, event: QuestionDispatched) -> None:
    """A partner has it, and a day by which the answer is due (or a later day)."""
    if await _running(work, event.research_id) is None:
        return
    turn = await _turn(work, event.research_id, event.assignment_id)
    turn.due_on = max(turn.due_on, event.due_on) if turn.due_on else event.due_on
    due = event.due_on.isoformat()
    await _expect(work, event.research_id, "question.dispatched", due_on=due)


async def assignment_declined(work: Work, event: AssignmentDeclined) -> None:
    """A partner cannot do it: it takes longer."""
    if await _running(work, event.research_id) is None:
        return
    turn = await _turn(work, event.research_id, event.assignment_id)
    turn.declined = event.reason
    await _expect(work, event.research_id, "assignment.declined", reason=event.reason)


async def assignment_overdue(work: Work, event: AssignmentOverdue) -> None:
    """The due date passed: it takes longer."""
    if await _running(work, event.research_id) is None:
        return
    turn = await _turn(work, event.research_id, event.assignment_id)
    turn.overdue_on = max(turn.overdue_on, event.due_on) if turn.overdue_on else event.due_on
    due = event.due_on.isoformat()
    await _expect(work, event.research_id, "assignment.overdue", due_on=due)


async def question_returned(work: Work, rig: Rig, event: QuestionReturned) -> None:
    """The text comes back to the desk, where it lies ready to be rewritten."""
    found = await _running(work, event.research_id)
    if found is None:
        return
    found.state = ResearchState.RETURNED
    text = await research.released_text_of(rig, found)
    for case in await research.cases_behind(work.session, event.research_id):
        release = await work.session.get(Release, (case.question_id, event.research_id))
        assert release is not None  # it is behind it
        release.ended_at = clock.now()
        case.come_back(event.reason)
        await audit.note(work, "question.returned", case.question_id, reason=event.reason)
        if case.linked_to is None:
            await _lay_ready(work, rig, case, text, found.language)


async def _lay_ready(work: Work, rig: Rig, case: Case, text: str, language: str) -> None:
    if await draft_of(work.session, case, QUESTION) is not None:
        return
    sealed = await rig.sealed(case.owner)
    draft_id = new_id()
    work.session.add(
        Draft(
            draft_id=draft_id,
            question_id=case.question_id,
            purpose=QUESTION,
            language=language,
            text_sealed=sealed.seal(f"draft:{draft_id}", text),
            writer_id=case.officer_id or "",
            writer=case.officer or "",
            written_at=clock.now(),
        )
    )


async def clarification_asked(work: Work, rig: Rig, event: ClarificationAsked) -> None:
    """A partner needs to know more: the clock of every linked case stands still."""
    found = await _running(work, event.research_id)
    known = await work.session.get(Clarification, event.clarification_id)
    if found is None or known is not None:
        return
    sealed = await rig.sealed(found.owner)
    work.session.add(
        Clarification(
            clarification_id=event.clarification_id,
            research_id=event.research_id,
            text_sealed=sealed.seal(f"clarification:{event.clarification_id}", event.text),
            asked_at=clock.now(),
        )
    )
    for case in await research.cases_behind(work.session, event.research_id):
        case.need_clarification(True)
        await pause(work, case, "clarification")
        await audit.note(work, "clarification.asked", case.question_id)


async def question_unanswered(work: Work, rig: Rig, event: QuestionUnanswered) -> None:
    """Research ended without an answer: everybody who asked hears why."""
    found = await _running(work, event.research_id)
    if found is None:
        return
    found.state = ResearchState.UNANSWERED
    for case in await research.cases_behind(work.session, event.research_id):
        if case.is_open:
            case.end(Status.CLOSED, event.reason)
            await audit.note(work, "question.unanswered", case.question_id, reason=event.reason)
            await tell(work, rig, case)
