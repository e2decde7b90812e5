"""From approved answers to drafts: new entries, renewals, and what never becomes public."""

from dataclasses import replace

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.events.research import AnswerApproved
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff

from cri_publishing.content import accounts_of, draft_of_answer, source_of
from cri_publishing.desk import (
    ANSWER,
    current_version,
    desk_of,
    entry_for_change,
    forget,
    open_answer,
    open_draft,
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
    Withholding,
    WorkUnderWay,
    WrongStep,
)
from cri_publishing.rig import Rig
from cri_publishing.rules.draft import SENSITIVITIES, Draft


async def question_of(work: Work, research_id: str) -> Question:
    """What is known of a research question; a new row where this is the first we hear of it."""
    question = await work.session.get(Question, research_id, with_for_update=True)
    if question is None:
        question = Question(
            research_id=research_id,
            state=QuestionState.HEARD,
            topics=[],
            useful_yes=0,
            useful_partly=0,
            useful_no=0,
        )
        work.session.add(question)
    question.changed_at = clock.now()
    return question


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
    await _start_renewal(work, rig, entry, question, answer)


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
    question.entry_id, question.state = entry.entry_id, QuestionState.DRAFTED
    draft = draft_of_answer(answer)
    await start_version(
        work, rig, entry, draft, key_id=answer.research_id, answer_id=answer.research_id
    )
    await audit.note(
        work, "publishing.entry.drafted", entry.entry_id, research_id=answer.research_id
    )


async def _start_renewal(
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
    return await _start_renewal(work, rig, entry, question, answer, by=by)


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
    if desk.version.answer_id is None or desk.entry.version == 0:
        raise WrongStep
    answer = await open_answer(rig, await question_of(work, desk.version.answer_id))
    if answer is None:
        raise WrongStep
    current = await open_draft(rig, await current_version(work.session, desk.entry))
    draft = replace(renewed(current, answer), change_note=note, note_language=note_language)
    desk.version.renews = True
    vault = await rig.vault(desk.version.key_id)
    desk.version.write(draft, seal_draft(vault, desk.version, draft), by=by)
    await audit.note(work, "publishing.entry.renewed", entry_id, by=by)


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
