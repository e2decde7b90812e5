"""Loading an entry and its version under way for a change, and opening what is sealed."""

import secrets
from contextlib import suppress
from dataclasses import dataclass

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.events.research import AnswerApproved
from cri_shared.identity.staff import Staff
from cri_shared.privacy.vault import Erased, SealedText
from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_publishing.content import draft_json, draft_of_json
from cri_publishing.facts import draft_of
from cri_publishing.models import (
    Entry,
    Question,
    QuestionState,
    Remark,
    Version,
    VersionState,
    WrongStep,
)
from cri_publishing.models.version import UNDER_WAY
from cri_publishing.rig import KEY_KIND, Rig
from cri_publishing.rules.draft import Draft

ANSWER = "answer"
_EDITIONS = 10**9  # where a draft begins to count: no page of another one fits


@dataclass
class Desk:
    """An entry with its version under way, locked until the transaction ends."""

    entry: Entry
    version: Version


async def entry_for_change(work: Work, entry_id: str) -> Entry:
    """The entry, locked against other changes; raises `NotFound`."""
    entry = await work.session.get(Entry, entry_id, with_for_update=True)
    if entry is None:
        raise NotFound
    return entry


async def under_way(session: AsyncSession, entry_id: str) -> Version | None:
    """The version of an entry that is not public yet."""
    rows = select(Version).where(Version.entry_id == entry_id, Version.state.in_(UNDER_WAY))
    return (await session.execute(rows)).scalar_one_or_none()


async def desk_of(work: Work, entry_id: str) -> Desk:
    """The entry and its version under way; raises `NotFound`, or `WrongStep` without one."""
    entry = await entry_for_change(work, entry_id)
    version = await under_way(work.session, entry_id)
    if version is None:
        raise WrongStep
    return Desk(entry, version)


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


async def current_version(session: AsyncSession, entry: Entry) -> Version:
    """What readers see of an entry."""
    version = await session.get(Version, (entry.entry_id, entry.version))
    if version is None:
        raise NotFound
    return version


async def start_version(
    work: Work,
    rig: Rig,
    entry: Entry,
    draft: Draft,
    *,
    key_id: str,
    answer_id: str | None = None,
    renews: bool = False,
    by: Staff | None = None,
) -> Version:
    """A new draft after what was published, sealed under the key of a question or of the entry."""
    version = Version(
        entry_id=entry.entry_id,
        number=entry.version + 1,
        state=VersionState.DRAFT,
        key_id=key_id,
        answer_id=answer_id,
        renews=renews,
        edition=secrets.randbelow(_EDITIONS),
        authors=[],
        started_at=clock.now(),
    )
    version.write(draft, seal_draft(await rig.new_vault(key_id), version, draft), by=by)
    work.session.add(version)
    await work.session.flush()
    return version


def _place(version: Version, what: str) -> str:
    return f"{version.entry_id}/{version.number}/{what}"


def seal_draft(vault: SealedText, version: Version, draft: Draft) -> bytes:
    """A draft as its row keeps it."""
    return vault.seal(_place(version, "draft"), draft_json(draft))


async def open_draft(rig: Rig, version: Version) -> Draft:
    """What a version says, public or not; raises `Erased`."""
    if version.content_sealed is None:
        return draft_of(version)
    vault = await rig.vault(version.key_id)
    return draft_of_json(vault.open(_place(version, "draft"), version.content_sealed))


async def seal_note(rig: Rig, version: Version, what: str, text: str) -> bytes:
    """A comment or reason of staff about a draft, sealed like the draft."""
    return (await rig.vault(version.key_id)).seal(_place(version, what), text)


async def open_note(rig: Rig, version: Version, what: str, sealed: bytes | None) -> str | None:
    """A comment or reason of staff; None where there is none or its key was destroyed."""
    if sealed is None:
        return None
    with suppress(Erased):
        return (await rig.vault(version.key_id)).open(_place(version, what), sealed)
    return None


async def open_answer(rig: Rig, question: Question) -> AnswerApproved | None:
    """The answer as research approved it, while it is kept."""
    if question.answer_sealed is None:
        return None
    vault = await rig.vault(question.research_id)
    return AnswerApproved.model_validate_json(vault.open(ANSWER, question.answer_sealed))


async def forget_remarks(work: Work, key_id: str) -> None:
    """Delete what was said of the versions that a key seals; a second time does nothing."""
    sealed = exists().where(
        Version.entry_id == Remark.entry_id,
        Version.number == Remark.number,
        Version.key_id == key_id,
    )
    await work.session.execute(delete(Remark).where(sealed))


async def forget(work: Work, rig: Rig, key_id: str) -> None:
    """Destroy a key once this transaction is durable: what it sealed is gone for good."""
    await forget_remarks(work, key_id)
    await rig.service.ledger.erase(work, KEY_KIND, key_id)
