"""What time brings: waiting times end, questions are asked again, entries fall due and leave."""

import datetime as dt
import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from cri_shared import clock
from cri_shared.bus.outbox import EventTooLarge
from cri_shared.db import Work
from cri_shared.errors import Refusal
from cri_shared.events.publishing import RefreshRequested
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.observe import log
from cri_shared.words import N_
from sqlalchemy import Select, select, update

from cri_publishing import indexing
from cri_publishing.actions.changes import expire
from cri_publishing.actions.ending import archive
from cri_publishing.actions.review import publish
from cri_publishing.desk import (
    current_version,
    desk_of,
    entry_for_change,
    open_draft,
    question_of,
)
from cri_publishing.models import (
    Entry,
    EntryStatus,
    NothingPublished,
    QuestionState,
    RefreshState,
    Version,
    VersionState,
)
from cri_publishing.rig import Rig
from cri_publishing.rules.life import dates
from cri_publishing.rules.pace import TENDED_AT_ONCE

_ANSWER_TIME = dt.timedelta(days=14)


class AlreadyAsked(Refusal):
    """One refresh at a time."""

    slug = "already-asked"
    message = N_("A partner has this question already.")


async def publish_ripe(work: Work, rig: Rig) -> None:
    """Publish every approved version whose waiting time is over, the earliest first."""
    ripe = Version.state == VersionState.SCHEDULED, Version.embargo_until <= clock.today()
    rows = select(Entry.entry_id).join(Version, Version.entry_id == Entry.entry_id).where(*ripe)
    for entry_id in await _next(work, rows, Version.embargo_until):
        async with _alone(work, entry_id):
            desk = await desk_of(work, entry_id)
            if desk.version.is_ripe:
                await publish(work, rig, desk.entry, desk.version)


async def tend(work: Work, rig: Rig) -> None:
    """Do for each public entry what its dates ask for today."""
    rows = select(Entry.entry_id).where(Entry.wake_on <= clock.today())
    for entry_id in await _next(work, rows, Entry.wake_on):
        async with _alone(work, entry_id):
            await _tend_one(work, rig, await entry_for_change(work, entry_id))


async def _next(work: Work, rows: Select[str], since: Any) -> Sequence[str]:
    """Whose turn it is, by `since`; after all others what was stuck, longest ago first.

    However many are stuck, they keep nobody else from a turn.
    """
    ordered = rows.order_by(Entry.stuck_at.asc().nulls_first(), since, Entry.entry_id)
    return (await work.session.execute(ordered.limit(TENDED_AT_ONCE))).scalars().all()


@asynccontextmanager
async def _alone(work: Work, entry_id: str) -> AsyncIterator[None]:
    """One entry's turn: what goes wrong with it is undone and told, and the others get theirs."""
    try:
        async with work.session.begin_nested():
            yield
    except (Refusal, ValueError, EventTooLarge) as trouble:
        log.error("publishing.entry.stuck", entry_id=entry_id, error=type(trouble).__name__)
        stuck = update(Entry).where(Entry.entry_id == entry_id).values(stuck_at=clock.now())
        await work.session.execute(stuck)


async def _tend_one(work: Work, rig: Rig, entry: Entry) -> None:
    if not entry.is_public or entry.information_date is None:
        entry.plan()
        return
    today, life = clock.today(), dates(entry.information_date, tuple(entry.topics))
    if today >= life.archive_on:
        await archive(work, rig, entry, by=None)
        return
    if entry.review_by != (good_until := entry.good_until(entry.information_date)):
        await expire(work, rig, entry, good_until)
    elif today > good_until and entry.status == EntryStatus.PUBLISHED:
        entry.fall_due()
        await indexing.leave(work, rig, entry.entry_id)
        await audit.note(work, "publishing.entry.due", entry.entry_id)
    must_ask = entry.expired_on is not None or today >= life.refresh_on
    if must_ask and entry.refresh_state == RefreshState.NONE:
        await _ask_again(work, rig, entry, by=None)
    entry.plan()


async def ask_again(work: Work, rig: Rig, entry_id: str, by: Staff) -> None:
    """Send the public question to a partner once more; raises `AlreadyAsked`."""
    entry = await entry_for_change(work, entry_id)
    if not entry.may_be_revised:
        raise NothingPublished
    if entry.refresh_state == RefreshState.ASKED:
        raise AlreadyAsked
    await _ask_again(work, rig, entry, by=by)
    entry.plan()


async def _ask_again(work: Work, rig: Rig, entry: Entry, by: Staff | None) -> None:
    draft = await open_draft(rig, await current_version(work.session, entry))
    research_id = str(uuid.uuid4())
    question = await question_of(work, research_id)
    question.state, question.entry_id = QuestionState.ASKED, entry.entry_id
    question.country, question.topics = draft.country, list(draft.topics)
    entry.ask_again(research_id)
    soonest = clock.today() + _ANSWER_TIME
    await work.emit(
        RefreshRequested(
            research_id=research_id,
            entry_id=entry.entry_id,
            question=draft.original.question,
            language=draft.original.language,
            country=draft.country,
            region=draft.region or None,
            topics=draft.topics,
            sensitivity=draft.sensitivity,
            wanted_by=max(entry.review_by or soonest, soonest),
        ),
        version=1,
    )
    await audit.note(
        work, "publishing.refresh.asked", entry.entry_id, by=by, research_id=research_id
    )
