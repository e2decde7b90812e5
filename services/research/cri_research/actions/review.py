"""The coordinator's decision about what partners answered."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import Invalid
from cri_shared.events.research import Account, AnswerApproved, QuestionUnanswered, Source
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.words import N_
from sqlalchemy.ext.asyncio import AsyncSession

from cri_research.actions import links, questions
from cri_research.models import Assignment, NotAnsweredYet, Question
from cri_research.queries.answers import Reviewed, newest_answers
from cri_research.queries.people import seen_in
from cri_research.rig import Rig
from cri_research.rules.answers import KINDS, Answer, SourceLine, public_sources
from cri_research.rules.completeness import Finding, about_people, findings
from cri_research.rules.people import Seen


class NotGoodYet(Invalid):
    """An answer cannot be approved as it stands."""


class CheckFirst(NotGoodYet):
    """The completeness check stops the answer, or its points were not confirmed as read."""

    slug = "check-first"
    message = N_("The check found something that must be mended first.")


class SeenMissing(NotGoodYet):
    """Points to look at need a person who says that they did."""

    slug = "points-not-seen"
    message = N_("Confirm that you have read the points of the check.")


class EditWithoutNote(NotGoodYet):
    """Whoever changes a partner's words says why."""

    slug = "edit-without-note"
    message = N_("Write why you changed the words of the partner.")


@dataclass(frozen=True)
class Decision:
    """What the coordinator approves: the words, perhaps edited, and how far they may go."""

    outcome: str
    text: str
    language: str
    information_date: dt.date
    tried: str | None = None
    withhold: bool = False
    note: str | None = None
    seen: bool = False
    agreement: str | None = None  # of several answers: agree, parts, contradict
    said: Mapping[str, str] = field(default_factory=dict)  # why suspects may stay, by mark


@dataclass(frozen=True)
class Review:
    """Answers that are decided about together, as one."""

    question: Question
    answers: tuple[Reviewed, ...]

    @property
    def merged(self) -> Answer:
        """One answer with the sources of all; the first one gives the words."""
        first = self.answers[0].answer
        outcome = "conflicting" if len(self.answers) > 1 else first.outcome
        sources: list[SourceLine] = []
        for one in self.answers:
            shift = len(sources)
            sources += [_shifted(line, shift) for line in one.answer.sources]
        return replace(
            first,
            outcome=outcome,
            sources=tuple(sources),
            do_not_publish=any(a.answer.do_not_publish for a in self.answers),
            kept={mark: why for a in self.answers for mark, why in a.answer.kept.items()},
        )

    @property
    def hidden(self) -> list[Reviewed]:
        """The answers whose partners must not be known by them."""
        return [a for a in self.answers if a.display_name is None]

    @property
    def secret_names(self) -> list[str]:
        """Names and addresses of the partners that must not leave with the answer."""
        return [part for a in self.hidden for part in (a.identity.name, a.identity.email)]

    async def look_at(self, answer: Answer) -> Seen:
        """What the gate sees in an answer, and in the other partners' accounts. Slow at first."""
        words = [answer, *(other.answer for other in self.answers[1:])]
        hidden = [(a.partner, a.identity) for a in self.hidden]
        return await seen_in(self.question, words, hidden)

    def findings(
        self, answer: Answer, seen: Seen, said: Mapping[str, str] | None = None
    ) -> list[Finding]:
        """What the check finds in the answer, and of people in the other partners' words."""
        found = findings(answer, self.question.topics, clock.today(), seen, said)
        for other in self.answers[1:]:  # their words go out as they are, as an account
            found += [f for f in about_people(other.answer, seen, said) if f not in found]
        if len(self.answers) == 1 and answer.outcome == "conflicting":
            text = N_("The outcome is “conflicting”, but only one partner answered.")
            found.append(Finding("one-side", "look", text))
        return found


def _shifted(line: SourceLine, shift: int) -> SourceLine:
    quotes = line.quotes + shift if line.quotes is not None else None
    return replace(line, number=line.number + shift, quotes=quotes)


async def review_of(
    session: AsyncSession, rig: Rig, question: Question, answer_ids: Sequence[str]
) -> Review:
    """The answers that somebody read; raises `NotAnsweredYet` where one is not the newest."""
    answers = await newest_answers(session, rig, question)
    chosen = [a for a in answers if a.row.answer_id in answer_ids]
    if not chosen or len(chosen) != len(set(answer_ids)):
        raise NotAnsweredYet(
            N_("What you read was replaced or taken back. Nothing was changed: read it again.")
        )
    return Review(question, tuple(chosen))


async def approve_answer(
    work: Work,
    rig: Rig,
    research_id: str,
    answer_ids: Sequence[str],
    decision: Decision,
    seen: Seen,
    *,
    by: Staff,
) -> None:
    """Approve one answer, or several that contradict each other, and tell everybody who waits.

    `seen` is what the gate saw in it before: looking takes too long for a transaction.

    Raises `QuestionIsClosed`, `NotAnsweredYet`, `CheckFirst`, `SeenMissing`, `EditWithoutNote`.
    """
    question = await questions.load_question(work, research_id)
    question.check_workable()
    review = await review_of(work.session, rig, question, answer_ids)
    answer = decided(review, decision)
    _check(review, answer, decision, seen)
    chosen = [a.assignment for a in review.answers]
    question.approve(chosen)
    question.agreement = decision.agreement if len(chosen) > 1 else None
    await questions.release(work, question.assignments)
    event = await _event(rig, review, answer)
    sealed = await rig.sealed_question(research_id)
    question.approved_sealed = sealed.seal("approved", event.model_dump_json())
    await questions.remark(work, rig, question, "approval", decision.note, author=by.name)
    await questions.tell(work, question, event)
    facts = {
        "outcome": answer.outcome,
        "publishable": event.publishable,
        "assignments": len(chosen),
        "agreement": question.agreement,
        "edited": _edited(review, decision),
    }
    await audit.note(work, "research.answer.approved", research_id, by=by, **facts)


def decided(review: Review, decision: Decision) -> Answer:
    """The answer as the coordinator would let it go."""
    return replace(
        review.merged,
        outcome=decision.outcome,
        text=decision.text,
        language=decision.language,
        information_date=decision.information_date,
        tried=decision.tried,
        do_not_publish=review.merged.do_not_publish or decision.withhold,
    )


def _edited(review: Review, decision: Decision) -> bool:
    first = review.answers[0].answer
    return _plain(decision.text) != _plain(first.text) or decision.language != first.language


def _plain(text: str) -> str:
    """Browsers send lines their own way; that is no edit."""
    return "\n".join(text.split("\r\n")).strip()


def _check(review: Review, answer: Answer, decision: Decision, seen: Seen) -> None:
    found = review.findings(answer, seen, decision.said)
    if any(f.level == "stop" for f in found):
        raise CheckFirst
    if found and not decision.seen:
        raise SeenMissing(fields={"seen": SeenMissing.message})
    if _edited(review, decision) and not decision.note:
        raise EditWithoutNote(fields={"note": EditWithoutNote.message})


async def _event(rig: Rig, review: Review, answer: Answer) -> AnswerApproved:
    question = review.question
    sealed = await rig.sealed_question(question.research_id)
    words = rig.words.get(question.language, rig.words["en"])
    kind_names = {kind: words.gettext(name) for kind, name in KINDS.items()}
    sources = public_sources(
        answer.sources, kind_names=kind_names, secret_names=review.secret_names
    )
    names = [a.display_name for a in review.answers if a.display_name]
    return AnswerApproved(
        research_id=question.research_id,
        entry_id=question.entry_id,
        question=sealed.open("text", question.text_sealed),
        question_language=question.language,
        country=question.country,
        region=question.region,
        topics=tuple(question.topics),
        sensitivity=question.sensitivity,
        outcome=answer.outcome,
        text=answer.text,
        language=answer.language,
        information_date=answer.information_date,
        period_from=answer.period_from,
        period_to=answer.period_to,
        sources=tuple(Source.model_validate(asdict(source)) for source in sources),
        accounts=_accounts(review) if answer.outcome == "conflicting" else (),
        tried=answer.tried,
        answered_by=", ".join(names) or None,
        publishable=not answer.do_not_publish,
        approved_on=clock.today(),
    )


def _accounts(review: Review) -> tuple[Account, ...]:
    """Each partner's version, where there are several."""
    if len(review.answers) < 2:
        return ()
    return tuple(
        Account(
            text=one.answer.text,
            language=one.answer.language,
            information_date=one.answer.information_date,
        )
        for one in review.answers
    )


async def return_answer(
    work: Work, rig: Rig, assignment_id: str, note: str, due_on: dt.date, *, by: Staff
) -> Assignment:
    """Give an answer back to its partner with a note and a new link; raises `NotAnsweredYet`."""
    assignment = await questions.load_assignment(work, assignment_id)
    assignment.send_back(due_on)
    await questions.remark(
        work, rig, assignment.question, "return", note, author=by.name, assignment=assignment
    )
    await links.send(work, rig, assignment, links.RETURNED)
    about = assignment.research_id
    facts = {"assignment_id": assignment_id, "due_on": due_on.isoformat()}
    await audit.note(work, "research.answer.returned", about, by=by, **facts)
    return assignment


async def give_up(
    work: Work, rig: Rig, research_id: str, reason: str, note: str | None, *, by: Staff
) -> None:
    """End a question without an answer and say why; raises `QuestionIsClosed`."""
    question = await questions.load_question(work, research_id)
    question.give_up(reason)
    await questions.release(work, question.assignments)
    await questions.remark(work, rig, question, "give_up", note, author=by.name)
    event = QuestionUnanswered.model_validate(
        {"research_id": research_id, "entry_id": question.entry_id, "reason": reason}
    )
    await questions.tell(work, question, event)
    await audit.note(work, "research.question.given_up", research_id, by=by, reason=reason)


async def reopen(work: Work, research_id: str, *, by: Staff) -> None:
    """Look for an answer after all; a person chooses the partner."""
    question = await questions.load_question(work, research_id)
    question.reopen()
    await questions.pass_over(work, question)
    await audit.note(work, "research.question.reopened", research_id, by=by)
