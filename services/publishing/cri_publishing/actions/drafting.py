"""From approved answers to drafts of entries, and what never becomes public."""

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.events.research import AnswerApproved
from cri_shared.identity import audit

from cri_publishing.actions.changes import overtake
from cri_publishing.actions.renewing import start_renewal
from cri_publishing.content import draft_of_answer
from cri_publishing.desk import (
    ANSWER,
    entry_for_change,
    forget,
    question_of,
    start_version,
    under_way,
)
from cri_publishing.models import Entry, EntryStatus, Question, QuestionState, Withholding
from cri_publishing.rig import Rig


async def take_answer(work: Work, rig: Rig, answer: AnswerApproved) -> None:
    """Draft an entry from an approved answer, or renew the entry whose refresh it answers.

    An answer that may not be published is withheld: nothing of its text is kept.
    """
    question = await question_of(work, answer.research_id)
    if not question.awaits_answer:
        return
    question.country, question.topics = answer.country, list(answer.topics)
    question.approved_on, question.reason = answer.approved_on, None
    entry = await _refreshed(work, answer)
    if reason := _withholding(answer):
        await _withhold(work, question, reason, entry)
        return
    vault = await rig.new_vault(answer.research_id)
    question.answer_sealed = vault.seal(ANSWER, answer.model_dump_json())
    if entry is None:
        await _new_entry(work, rig, question, answer)
        return
    question.entry_id = entry.entry_id
    entry.refresh_ended(answer.research_id, answered=True)
    if await under_way(work.session, entry.entry_id) is not None:
        question.state = QuestionState.WAITING
        return
    await start_renewal(work, rig, entry, question, answer)


async def _refreshed(work: Work, answer: AnswerApproved) -> Entry | None:
    if answer.entry_id is None:
        return None
    entry = await work.session.get(Entry, answer.entry_id, with_for_update=True)
    return entry if entry is not None and entry.may_be_revised else None


def _withholding(answer: AnswerApproved) -> Withholding | None:
    if not answer.publishable:
        return Withholding.PARTNER
    return Withholding.RED if answer.sensitivity == "red" else None


async def _withhold(
    work: Work, question: Question, reason: Withholding, entry: Entry | None
) -> None:
    question.withhold(reason)
    await audit.note(work, "publishing.answer.withheld", question.research_id, reason=reason)
    if entry is not None:
        entry.refresh_ended(question.research_id, answered=False)


async def _new_entry(work: Work, rig: Rig, question: Question, answer: AnswerApproved) -> None:
    now = clock.now()
    entry = Entry(
        status=EntryStatus.DRAFT,
        version=0,
        turn=0,
        country=answer.country,
        topics=list(answer.topics),
        refresh_state="none",
        created_at=now,
        changed_at=now,
    )
    work.session.add(entry)
    await work.session.flush()
    await overtake(work, entry, answer.information_date)
    question.entry_id, question.state = entry.entry_id, QuestionState.DRAFTED
    draft = draft_of_answer(answer)
    await start_version(
        work, rig, entry, draft, key_id=answer.research_id, answer_id=answer.research_id
    )
    await audit.note(
        work, "publishing.entry.drafted", entry.entry_id, research_id=answer.research_id
    )


async def question_withdrawn(work: Work, rig: Rig, research_id: str) -> None:
    """The asker took the question back: a draft that is not public yet is closed and erased."""
    question = await question_of(work, research_id)
    if not question.withdraw():
        return
    await forget(work, rig, research_id)
    if question.entry_id is None:
        return
    entry = await entry_for_change(work, question.entry_id)
    version = await under_way(work.session, entry.entry_id)
    if version is None or version.answer_id != research_id:
        return
    await work.session.delete(version)
    if entry.version == 0:
        entry.close()
    await audit.note(
        work, "publishing.draft.withdrawn_by_asker", entry.entry_id, research_id=research_id
    )


async def question_unanswered(
    work: Work, research_id: str, reason: str, entry_id: str | None
) -> None:
    """Note a gap; where it was a refresh, the entry falls due at its date."""
    question = await question_of(work, research_id)
    if not question.awaits_answer:
        return
    question.state, question.reason = QuestionState.UNANSWERED, reason
    known = entry_id or question.entry_id
    entry = await work.session.get(Entry, known, with_for_update=True) if known else None
    if entry is not None:
        question.country, question.topics = entry.country, entry.topics
        if entry.refresh_ended(research_id, answered=False):
            await audit.note(work, "publishing.refresh.failed", entry.entry_id, reason=reason)
