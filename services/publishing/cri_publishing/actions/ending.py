"""Taking things out of sight: withdrawn, archived, or never published at all."""

from cri_shared.db import Work
from cri_shared.events.publishing import EntryArchived, EntryWithdrawn
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from sqlalchemy import select

from cri_publishing import indexing
from cri_publishing.actions.links import follow
from cri_publishing.desk import desk_of, entry_for_change, forget, under_way
from cri_publishing.models import (
    Entry,
    Question,
    QuestionState,
    Version,
    WithdrawalReason,
    Withholding,
)
from cri_publishing.rig import Rig


async def withdraw(
    work: Work, rig: Rig, entry_id: str, reason: WithdrawalReason, by: Staff
) -> None:
    """Take an entry back at once, everywhere; raises `NothingPublished`."""
    entry = await entry_for_change(work, entry_id)
    entry.withdraw(reason)
    version = await under_way(work.session, entry_id)
    if version is not None:
        await work.session.delete(version)
    await follow(work, (), entry_id=entry_id)
    await work.emit(EntryWithdrawn(entry_id=entry_id, version=entry.version), version=entry.step())
    await indexing.leave(work, rig, entry_id)
    await audit.note(work, "publishing.entry.withdrawn", entry_id, by=by, reason=reason)


async def archive(work: Work, rig: Rig, entry: Entry, by: Staff | None) -> None:
    """Take an entry out of search; its address still shows it, marked."""
    entry.archive()
    await follow(work, (), entry_id=entry.entry_id)
    await work.emit(
        EntryArchived(entry_id=entry.entry_id, version=entry.version), version=entry.step()
    )
    await indexing.leave(work, rig, entry.entry_id)
    await audit.note(work, "publishing.entry.archived", entry.entry_id, by=by)


async def discard(work: Work, rig: Rig, entry_id: str, by: Staff) -> None:
    """Drop the version under way; a draft that never was public is closed and erased.

    The answer behind a dropped renewal waits: it can be used again.
    """
    desk = await desk_of(work, entry_id)
    await work.session.delete(desk.version)
    await audit.note(
        work, "publishing.draft.discarded", entry_id, by=by, version=desk.version.number
    )
    if desk.entry.version == 0:
        desk.entry.close()
        await _withhold_answers(work, entry_id)
        await forget(work, rig, desk.version.key_id)
    else:
        await _let_wait(work, desk.version)


async def _withhold_answers(work: Work, entry_id: str) -> None:
    rows = select(Question).where(
        Question.entry_id == entry_id, Question.state == QuestionState.DRAFTED
    )
    for question in (await work.session.execute(rows)).scalars():
        question.withhold(Withholding.EDITOR)


async def _let_wait(work: Work, version: Version) -> None:
    if version.answer_id is None:
        return
    question = await work.session.get(Question, version.answer_id, with_for_update=True)
    if question is not None and question.state == QuestionState.DRAFTED:
        question.state = QuestionState.WAITING
