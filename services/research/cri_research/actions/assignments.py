"""What a partner does with the question behind its link."""

import datetime as dt
import json
from typing import Any, Literal

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.errors import Invalid
from cri_shared.events.research import AssignmentDeclined, ClarificationAsked, QuestionReturned
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.words import N_
from sqlalchemy import delete, select

from cri_research.actions import dispatch, links, questions
from cri_research.models import (
    Assignment,
    AssignmentIsClosed,
    Clarification,
    Draft,
    Partner,
    Question,
    SubmittedAnswer,
)
from cri_research.rig import Rig
from cri_research.rules.answers import Answer
from cri_research.rules.deadlines import Nudge

PARTNER = "partner"
DeclineReason = Literal["no_capacity", "not_our_field", "unsafe", "other"]
ReturnReason = Literal["unsafe_text", "unclear"]
MAX_WAITING = 5


class EnoughAsked(Invalid):
    """A few open questions to the desk are enough."""

    slug = "enough-asked"
    message = N_("You have asked several things already. Wait for the reply first.")


async def accept(work: Work, rig: Rig, assignment_id: str) -> None:
    """The partner takes the question; twice is once."""
    assignment = await questions.load_assignment(work, assignment_id)
    if assignment.accept():
        await _note(work, "accepted", assignment)


async def decline(
    work: Work, rig: Rig, assignment_id: str, reason: DeclineReason, words: str | None
) -> None:
    """The partner cannot take it: its link ends and somebody else is looked for."""
    assignment = await questions.load_assignment(work, assignment_id)
    assignment.decline(reason)
    await _end(work, assignment)
    question = assignment.question
    await questions.remark(
        work, rig, question, "decline", words, author=PARTNER, assignment=assignment
    )
    declined = AssignmentDeclined(
        research_id=question.research_id, assignment_id=assignment_id, reason=reason
    )
    await questions.tell(work, question, declined)
    await _note(work, "declined", assignment, reason=reason)


async def report_problem(
    work: Work, rig: Rig, assignment_id: str, reason: ReturnReason, words: str | None
) -> None:
    """The text is unsafe or unclear: it goes back to the desk, and every link to it ends."""
    assignment = await questions.load_assignment(work, assignment_id)
    if not assignment.is_open:
        raise AssignmentIsClosed
    await _return(work, rig, assignment.question, reason, words, by=PARTNER, about=assignment)


async def return_question(
    work: Work, rig: Rig, research_id: str, reason: ReturnReason, words: str | None, *, by: Staff
) -> None:
    """A coordinator sends a question back to the desk; raises `QuestionIsClosed`."""
    question = await questions.load_question(work, research_id)
    await _return(work, rig, question, reason, words, by=by)


async def _return(
    work: Work,
    rig: Rig,
    question: Question,
    reason: ReturnReason,
    words: str | None,
    *,
    by: Staff | str,
    about: Assignment | None = None,
) -> None:
    question.return_to_desk(reason)
    await questions.release(work, question.assignments)
    author = by.name if isinstance(by, Staff) else by
    await questions.remark(work, rig, question, "problem", words, author=author, assignment=about)
    returned = QuestionReturned(research_id=question.research_id, reason=reason)
    await questions.tell(work, question, returned)
    facts = {"reason": reason} | ({"assignment_id": about.assignment_id} if about else {})
    await audit.note(work, "research.question.returned", question.research_id, by=by, **facts)


async def ask_back(work: Work, rig: Rig, assignment_id: str, text: str) -> None:
    """Ask the desk something; the due date stands still. The same words twice are asked once."""
    assignment = await questions.load_assignment(work, assignment_id)
    sealed = await rig.sealed_question(assignment.research_id)
    open_ones = select(Clarification).where(
        Clarification.assignment_id == assignment_id, Clarification.replied_at.is_(None)
    )
    waiting = (await work.session.execute(open_ones)).scalars().all()
    for row in waiting:
        place = f"asked:{row.clarification_id}"
        if row.asked_sealed and sealed.open(place, row.asked_sealed) == text:
            return
    if len(waiting) >= MAX_WAITING:
        raise EnoughAsked
    assignment.ask_back()
    clarification_id = new_id()
    work.session.add(
        Clarification(
            clarification_id=clarification_id,
            research_id=assignment.research_id,
            assignment_id=assignment_id,
            asked_sealed=sealed.seal(f"asked:{clarification_id}", text),
            asked_at=clock.now(),
        )
    )
    asked = ClarificationAsked(
        research_id=assignment.research_id, clarification_id=clarification_id, text=text
    )
    await questions.tell(work, assignment.question, asked)
    await _note(work, "asked_back", assignment)


async def ask_time(
    work: Work, rig: Rig, assignment_id: str, until: dt.date, words: str | None
) -> None:
    """Ask the coordinator for another due date."""
    assignment = await questions.load_assignment(work, assignment_id)
    assignment.ask_time(until)
    await questions.remark(
        work, rig, assignment.question, "more_time", words, author=PARTNER, assignment=assignment
    )
    await _note(work, "time_asked", assignment, until=until.isoformat())


async def save_draft(work: Work, rig: Rig, assignment_id: str, fields: dict[str, Any]) -> bool:
    """Keep what a partner has typed; False where the question is no longer its own."""
    assignment = await questions.load_assignment(work, assignment_id)
    if not assignment.is_open:
        return False
    sealed = await rig.sealed_question(assignment.research_id)
    text = json.dumps(fields, ensure_ascii=False)
    await work.session.merge(
        Draft(
            assignment_id=assignment_id,
            form_sealed=sealed.seal(f"draft:{assignment_id}", text),
            saved_at=clock.now(),
        )
    )
    return True


async def end_of(work: Work, assignment_id: str) -> str:
    """The step at which an assignment is, or why it was taken away; raises `NotFound`."""
    assignment = await questions.load_assignment(work, assignment_id)
    return assignment.ended_why or assignment.status


async def submit(
    work: Work, rig: Rig, assignment_id: str, answer: Answer, flags: list[str]
) -> None:
    """The partner's answer; its draft stays in case it is returned. `flags`: kinds of suspects.

    Raises `AssignmentIsClosed`.
    """
    assignment = await questions.load_assignment(work, assignment_id)
    assignment.answer()
    sealed = await rig.sealed_question(assignment.research_id)
    answer_id = new_id()
    work.session.add(
        SubmittedAnswer(
            answer_id=answer_id,
            assignment_id=assignment_id,
            body_sealed=sealed.seal(f"answer:{answer_id}", answer.to_json()),
            outcome=answer.outcome,
            information_date=answer.information_date,
            flags=flags,
            submitted_at=clock.now(),
        )
    )
    countries = (await work.session.get_one(Partner, assignment.partner_id)).countries
    await questions.look_again(work, countries)
    await _note(work, "answered", assignment, outcome=answer.outcome)


async def remind_now(
    work: Work, rig: Rig, assignment_id: str, note: str | None = None, *, by: Staff
) -> None:
    """Send a new link at once and close the pages of those before; raises `AssignmentIsClosed`.

    The note never stands in the mail: the partner reads it on its page.
    """
    assignment = await questions.load_assignment(work, assignment_id)
    if not assignment.is_open:
        raise AssignmentIsClosed
    await questions.remark(
        work, rig, assignment.question, "note", note, author=by.name, assignment=assignment
    )
    await links.revoke(work, [assignment_id])
    await links.send(work, rig, assignment, links.RENEWED)
    await _note(work, "link_renewed", assignment, by=by)


async def replan(
    work: Work, assignment_id: str, nudge: Nudge, day: dt.date | None, *, by: Staff
) -> None:
    """Let a message leave on another day, or (None) not at all for this due date."""
    assignment = await questions.load_assignment(work, assignment_id)
    assignment.replan(nudge, day)
    facts = {"nudge": nudge.value} | ({"day": day.isoformat()} if day else {})
    await _note(work, "message_moved" if day else "message_held", assignment, by=by, **facts)


async def plan_as_usual(work: Work, assignment_id: str, nudge: Nudge, *, by: Staff) -> None:
    """Let a message leave on its usual day after all."""
    assignment = await questions.load_assignment(work, assignment_id)
    assignment.plan_as_usual(nudge)
    await _note(work, "message_as_usual", assignment, by=by, nudge=nudge.value)


async def decide_time(
    work: Work, rig: Rig, assignment_id: str, due_on: dt.date | None, *, by: Staff
) -> None:
    """Give a partner another due date, or (None) leave it as it is."""
    assignment = await questions.load_assignment(work, assignment_id)
    if due_on is None:
        assignment.refuse_time()
        await links.send(work, rig, assignment, links.TIME_REFUSED)
        await _note(work, "time_refused", assignment, by=by)
        return
    assignment.move(due_on)
    await links.send(work, rig, assignment, links.MOVED)
    await questions.announce(work, assignment.question, assignment)
    await _note(work, "time_given", assignment, by=by, due_on=due_on.isoformat())


async def cancel(work: Work, assignment_id: str, *, by: Staff) -> None:
    """Take a question from a partner without choosing the next one yet."""
    assignment = await questions.load_assignment(work, assignment_id)
    await dispatch.take_back(work, assignment.question, assignment_id, "reassigned", by=by)


async def _end(work: Work, assignment: Assignment) -> None:
    await questions.release(work, [assignment])
    draft = Draft.assignment_id == assignment.assignment_id
    await work.session.execute(delete(Draft).where(draft))


async def _note(
    work: Work, what: str, assignment: Assignment, *, by: Staff | str = PARTNER, **facts: Any
) -> None:
    """Every step of an assignment stands in the history of its question."""
    await audit.note(
        work,
        f"research.assignment.{what}",
        assignment.research_id,
        by=by,
        assignment_id=assignment.assignment_id,
        **facts,
    )
