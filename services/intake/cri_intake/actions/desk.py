"""The desk: a person writes a new text, the gate looks at it, a person lets it go. Nothing else
leaves intake, and nothing leaves by itself."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.errors import Invalid, Refusal
from cri_shared.events.intake import ClarificationGiven, QuestionCleared
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.privacy.vault import SealedText
from cri_shared.words import N_
from sqlalchemy import delete, select

from cri_intake.actions.figures import count_release
from cri_intake.actions.thread import go_on
from cri_intake.models import (
    Case,
    Clarification,
    Draft,
    QuestionIsReleased,
    Release,
    ResearchQuestion,
    ResearchState,
)
from cri_intake.queries import research
from cri_intake.queries.desk import Gate, said_of, text_of
from cri_intake.rig import Rig
from cri_intake.rules.desk import Said, why_second

QUESTION = "question"  # the purpose of a draft; a reply to a partner has the clarification's id


class TextLeaks(Invalid):
    """The text repeats something that is known of an asker."""

    slug = "text-leaks"
    message = N_("The text repeats something that tells who asks. It cannot leave like this.")


class ChangedMeanwhile(Refusal):
    """What was looked at is not what would leave."""

    slug = "text-changed-meanwhile"
    message = N_("Something changed since you looked at this text. Look at it again.")


class QuestionIsLinked(Refusal):
    """The text is written for the question that leads."""

    slug = "question-is-linked"
    message = N_("This question shares the answer to another one. Work on that one.")


async def write_draft(
    work: Work,
    rig: Rig,
    case: Case,
    *,
    purpose: str,
    text: str,
    language: str,
    said: Said,
    by: Staff,
) -> Draft:
    """Keep a text that an officer wrote, with what was said about it; the one before goes.

    The same text again stays the same draft, so what the first of two clicks showed may leave.
    """
    case.must_be_with(by)
    sealed = await rig.sealed(case.owner)
    same = (Draft.question_id == case.question_id) & (Draft.purpose == purpose)
    before = (await work.session.execute(select(Draft).where(same))).scalar_one_or_none()
    if before is not None:
        its_text = sealed.open(f"draft:{before.draft_id}", before.text_sealed)
        if before.is_as_written(by, language) and its_text == text:
            before.checked_at = None
            before.said_sealed = sealed.seal(f"said:{before.draft_id}", said.to_json())
            return before
        await work.session.delete(before)
        await work.session.flush()
    draft_id = new_id()
    draft = Draft(
        draft_id=draft_id,
        question_id=case.question_id,
        purpose=purpose,
        language=language,
        text_sealed=sealed.seal(f"draft:{draft_id}", text),
        said_sealed=sealed.seal(f"said:{draft_id}", said.to_json()),
        remark_sealed=before.remark_sealed if before else None,
        remark_by=before.remark_by if before else None,
        writer_id=by.staff_id,
        writer=by.name,
        written_at=clock.now(),
    )
    work.session.add(draft)
    await work.session.flush()
    return draft


async def _drop_draft(work: Work, case: Case, purpose: str) -> None:
    same = (Draft.question_id == case.question_id) & (Draft.purpose == purpose)
    await work.session.execute(delete(Draft).where(same))


def all_said(draft: Draft) -> None:
    """The officer answered every suggestion and every question of the checklist for this text."""
    draft.checked_at = clock.now()


async def ask_second(work: Work, case: Case, draft: Draft, *, alarm: str | None, by: Staff) -> None:
    """Let a text wait for another officer; `alarm` says why the leak check is thought wrong."""
    case.must_be_with(by)
    draft.second_asked_at, draft.alarm = clock.now(), alarm
    facts = {"false_alarm": alarm} if alarm else {}
    await audit.note(work, "text.second_asked", case.question_id, by=by, **facts)


async def send_draft_back(
    work: Work, rig: Rig, case: Case, draft: Draft, remark: str, *, by: Staff
) -> None:
    """The second officer does not agree and says why: the text must be rewritten."""
    draft.must_be_anothers(by)
    if draft.second_asked_at is None:  # a first click did it
        return
    sealed = await rig.sealed(case.owner)
    draft.second_asked_at = draft.alarm = draft.checked_at = None
    draft.remark_sealed = sealed.seal(f"remark:{draft.purpose}", remark)
    draft.remark_by = by.name
    await audit.note(work, "text.not_confirmed", case.question_id, by=by)


async def may_leave(rig: Rig, case: Case, draft: Draft, gate: Gate, *, by: Staff) -> bool:
    """Whether this officer may release the text now; raises where somebody else or nobody may.

    False: it needs a second officer, who has not been asked yet. The officer who wrote a text can
    never release what the leak check stops.
    """
    said = await said_of(rig, case, draft)
    if draft.checked_at is None or said.open_suspects(gate.spotted):
        raise ChangedMeanwhile
    second = why_second(case.sensitivity, said, cues=gate.cues, leaks=bool(gate.leaks))
    if draft.second_asked_at is not None:
        if second:
            draft.must_be_anothers(by)
        if gate.leaks and draft.alarm is None:
            raise TextLeaks
        return True
    case.must_be_with(by)
    if gate.leaks:
        raise TextLeaks
    return not second


async def release_question(
    work: Work,
    rig: Rig,
    case: Case,
    draft: Draft,
    gate: Gate,
    *,
    research_id: str,
    key: bytes,
    by: Staff,
) -> None:
    """Let the research question go, for this asker and those linked.

    No event, log line or audit row names the question and the research question together: the row
    in `releases` is the only tie, and the event starts a trail of its own.
    """
    case.must_be_ready()
    if case.linked_to is not None:
        raise QuestionIsLinked
    group = await _unchanged(work, case, gate)
    own = await rig.sealed(case.owner)
    cleared = QuestionCleared(
        research_id=research_id,
        text=await text_of(rig, case, draft),
        language=draft.language,
        country=case.country,
        region=own.open("place", case.place_sealed) if case.place_sealed else None,
        topics=tuple(case.topics),
        needed_by=_first_needed(group),
        urgency=case.urgency,
        sensitivity=case.sensitivity,
    )
    await count_release(work, group, gate, await said_of(rig, case, draft), draft.language)
    await _let_go(work, cleared, group, SealedText(key, f"research:{research_id}"))
    await _note_release(work, case, draft, gate, "question.released", by)
    await _drop_draft(work, case, QUESTION)


async def _let_go(
    work: Work, cleared: QuestionCleared, group: list[Case], sealed: SealedText
) -> None:
    """Keep the research question here too, tie the cases that wait for it to it, and say it."""
    work.session.add(
        ResearchQuestion(
            research_id=cleared.research_id,
            state=ResearchState.OPEN,
            language=cleared.language,
            text_sealed=sealed.seal("text", cleared.text),
        )
    )
    await work.session.flush()
    for member in (m for m in group if m.is_open):
        member.release()
        work.session.add(
            Release(
                question_id=member.question_id,
                research_id=cleared.research_id,
                released_at=clock.now(),
            )
        )
    await work.emit(cleared, version=1)


def _first_needed(group: list[Case]) -> dt.date | None:
    days = [member.needed_by for member in group if member.is_open and member.needed_by]
    return min(days, default=None)


async def _unchanged(work: Work, case: Case, gate: Gate) -> list[Case]:
    """The cases that the text was compared with; raises where one is new or has changed."""
    group = await research.group_of(work.session, case)
    if {member.question_id: member.version for member in group} != gate.versions:
        raise ChangedMeanwhile
    return group


async def _note_release(
    work: Work, case: Case, draft: Draft, gate: Gate, action: str, by: Staff
) -> None:
    facts: dict[str, object] = {"sensitivity": case.sensitivity}
    if draft.second_asked_at is not None:
        facts |= {"written_by": draft.writer, "leaks_released": len(gate.leaks)}
    if draft.alarm:
        facts["false_alarm"] = draft.alarm
    await audit.note(work, action, case.question_id, by=by, **facts)


async def give_clarification(
    work: Work, rig: Rig, case: Case, draft: Draft, gate: Gate, *, by: Staff
) -> None:
    """Let the reply to a partner's question go; the clock of every linked case runs again."""
    asked = await work.session.get(Clarification, draft.purpose)
    found = await research.research_question_of(work.session, case)
    if asked is None or found is None or asked.research_id != found.research_id:
        raise ChangedMeanwhile
    if asked.given_at is not None:
        raise QuestionIsReleased
    await _unchanged(work, case, gate)
    text = await text_of(rig, case, draft)
    sealed = await rig.sealed(found.owner)
    await count_release(work, (), gate, await said_of(rig, case, draft), draft.language)
    asked.reply_sealed = sealed.seal(f"reply:{asked.clarification_id}", text)
    asked.given_at = clock.now()
    await work.emit(
        ClarificationGiven(
            research_id=found.research_id, clarification_id=asked.clarification_id, text=text
        )
    )
    await work.session.flush()
    others = select(Clarification).where(
        Clarification.research_id == found.research_id, Clarification.given_at.is_(None)
    )
    if (await work.session.execute(others)).first() is None:
        for member in await research.cases_behind(work.session, found.research_id):
            member.need_clarification(False)
            await go_on(work, member, "clarification")
    await _note_release(work, case, draft, gate, "clarification.given", by)
    await _drop_draft(work, case, draft.purpose)
