"""Renewals: a public entry with a newer answer beside it, and one entry for several questions."""

from dataclasses import replace

from cri_shared.db import Work
from cri_shared.events.research import AnswerApproved
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff

from cri_publishing.content import accounts_of, source_of
from cri_publishing.desk import (
    current_version,
    desk_of,
    entry_for_change,
    open_answer,
    open_draft,
    question_of,
    seal_draft,
    start_version,
    under_way,
)
from cri_publishing.models import (
    Entry,
    EntryStatus,
    NothingPublished,
    Question,
    QuestionState,
    Version,
    VersionState,
    WorkUnderWay,
    WrongStep,
)
from cri_publishing.rig import Rig
from cri_publishing.rules.draft import SENSITIVITIES, Draft


async def start_renewal(
    work: Work,
    rig: Rig,
    entry: Entry,
    question: Question,
    answer: AnswerApproved,
    *,
    by: Staff | None = None,
) -> Version:
    """A new version with the public text as it is and the facts of the new answer."""
    current = await open_draft(rig, await current_version(work.session, entry))
    question.state = QuestionState.DRAFTED
    await audit.note(
        work,
        "publishing.entry.renewal_drafted",
        entry.entry_id,
        by=by,
        research_id=question.research_id,
    )
    return await start_version(
        work,
        rig,
        entry,
        renewed(current, answer),
        key_id=question.research_id,
        answer_id=question.research_id,
        renews=True,
        by=by,
    )


def renewed(current: Draft, answer: AnswerApproved) -> Draft:
    """The public text as it is, with the facts, dates and sources of a newer answer."""
    higher = max(current.sensitivity, answer.sensitivity, key=SENSITIVITIES.index)
    return replace(
        current,
        outcome=answer.outcome,
        information_date=answer.information_date,
        period_from=answer.period_from,
        period_to=answer.period_to,
        sources=tuple(source_of(source) for source in answer.sources),
        accounts=accounts_of(answer),
        tried=answer.tried or "",
        answered_by=answer.answered_by or current.answered_by,
        sensitivity=higher,
        change_note="",
        embargo_days=0,
    )


async def use_waiting_answer(
    work: Work, rig: Rig, entry_id: str, research_id: str, by: Staff
) -> Version:
    """Renew an entry from an answer that waited; raises `WorkUnderWay` or `WrongStep`."""
    entry = await entry_for_change(work, entry_id)
    question = await question_of(work, research_id)
    if question.entry_id != entry_id or question.state != QuestionState.WAITING:
        raise WrongStep
    if await under_way(work.session, entry_id) is not None:
        raise WorkUnderWay
    answer = await open_answer(rig, question)
    if answer is None or not entry.may_be_revised:
        raise NothingPublished
    return await start_renewal(work, rig, entry, question, answer, by=by)


async def merge(work: Work, rig: Rig, entry_id: str, into: Entry, by: Staff) -> Version:
    """Let a public entry cover the answer of a draft, as a revision; the draft is closed.

    The information date stays: an editor renews it where the whole text was checked again.
    """
    desk = await desk_of(work, entry_id)
    target = await entry_for_change(work, into.entry_id)
    if desk.entry.status != EntryStatus.DRAFT or desk.version.state != VersionState.DRAFT:
        raise WrongStep
    if not target.may_be_revised:
        raise NothingPublished
    if await under_way(work.session, target.entry_id) is not None:
        raise WorkUnderWay
    research_id = desk.version.key_id
    question = await question_of(work, research_id)
    added = (await open_draft(rig, desk.version)).sources
    current = await open_draft(rig, await current_version(work.session, target))
    kept = len(current.sources)
    moved = tuple(replace(s, quotes=None if s.quotes is None else s.quotes + kept) for s in added)
    draft = replace(current, sources=current.sources + moved, change_note="", embargo_days=0)
    await work.session.delete(desk.version)
    desk.entry.close()
    question.entry_id = target.entry_id
    await audit.note(work, "publishing.entry.merged", entry_id, by=by, into=target.entry_id)
    await audit.note(
        work, "publishing.answer.merged", target.entry_id, by=by, research_id=research_id
    )
    return await start_version(
        work, rig, target, draft, key_id=research_id, answer_id=research_id, by=by
    )


async def renew(
    work: Work, rig: Rig, entry_id: str, *, note: str, note_language: str, by: Staff
) -> None:
    """Still true: keep the text, take the date and facts of the new answer, and say so."""
    desk = await desk_of(work, entry_id)
    if desk.version.answer_id is None or not desk.version.renews:
        raise WrongStep
    answer = await open_answer(rig, await question_of(work, desk.version.answer_id))
    if answer is None:
        raise WrongStep
    current = await open_draft(rig, await current_version(work.session, desk.entry))
    written = await open_draft(rig, desk.version)
    if written.original.fingerprint != current.original.fingerprint:
        raise WrongStep  # an editor rewrote it: then it is not "still true", and nothing is lost
    draft = replace(renewed(written, answer), change_note=note, note_language=note_language)
    vault = await rig.vault(desk.version.key_id)
    desk.version.write(draft, seal_draft(vault, desk.version, draft), by=by)
    await audit.note(work, "publishing.entry.renewed", entry_id, by=by)
