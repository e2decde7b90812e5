"""One entry as its page shows it: what readers see, what is being worked on, what happened."""

import datetime as dt
from dataclasses import dataclass

from cri_shared.errors import NotFound
from cri_shared.events.research import AnswerApproved
from cri_shared.identity import audit
from cri_shared.identity.audit import Noted
from cri_shared.privacy.vault import Erased
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_publishing.desk import open_answer, open_draft, open_note, under_way
from cri_publishing.facts import draft_of
from cri_publishing.models import Entry, Link, Question, QuestionState, Version, messaging
from cri_publishing.queries.links import troubled
from cri_publishing.queries.remarks import Said, remarks_of
from cri_publishing.rig import Rig
from cri_publishing.rules.draft import Draft


@dataclass(frozen=True)
class EntryPage:
    """Everything on an entry's page."""

    entry: Entry
    version: Version | None
    draft: Draft | None
    answer: AnswerApproved | None
    reason: str | None
    lift: str | None  # why what readers see did not wait
    current: Draft | None
    published: list[Version]
    questions: list[Question]
    history: list[Noted]
    remarks: list[Said]
    links: dict[str, Link]  # of what readers see, those that do not stand as they were cited

    @property
    def title(self) -> str:
        """The public question, or the one it will be."""
        shown = self.current or self.draft
        return shown.original.question if shown else ""

    @property
    def language(self) -> str:
        """The language of the title."""
        shown = self.current or self.draft
        return shown.original.language if shown else "en"

    @property
    def last_checked(self) -> dt.date | None:
        """The newest day on which somebody in the country checked this, as it is recorded."""
        known = [one.information_date for one in (self.current, self.answer) if one]
        return max(known, default=None)

    @property
    def is_still_word_for_word(self) -> bool:
        """Whether the draft of a renewal says what readers see."""
        if self.draft is None or self.current is None:
            return False
        return self.draft.original.fingerprint == self.current.original.fingerprint

    @property
    def remarks_now(self) -> list[Said]:
        """What was said of the version that is being worked on."""
        number = self.version.number if self.version else None
        return [one for one in self.remarks if one.remark.number == number]

    @property
    def remarks_before(self) -> list[Said]:
        """What was said of the versions before."""
        return [one for one in self.remarks if one not in self.remarks_now]

    @property
    def waiting(self) -> list[Question]:
        """New answers that nobody works on yet."""
        return [q for q in self.questions if q.state == QuestionState.WAITING]

    @property
    def useful(self) -> tuple[int, int, int]:
        """How many askers said yes, partly and no."""
        return (
            sum(q.useful_yes for q in self.questions),
            sum(q.useful_partly for q in self.questions),
            sum(q.useful_no for q in self.questions),
        )


def name_in(typed: str) -> str:
    """The slug or id in what a person typed or pasted: an address, or the name alone."""
    return typed.strip().rstrip("/").rsplit("/", 1)[-1]


async def entry_of(session: AsyncSession, name: str) -> Entry:
    """The entry with this id or slug; raises `NotFound`."""
    rows = select(Entry).where(or_(Entry.entry_id == name, Entry.slug == name))
    entry = (await session.execute(rows)).scalar_one_or_none()
    if entry is None:
        raise NotFound
    return entry


async def entry_page(session: AsyncSession, rig: Rig, entry_id: str) -> EntryPage:
    """An entry's page; raises `NotFound`."""
    entry = await session.get(Entry, entry_id)
    if entry is None:
        raise NotFound
    version = await under_way(session, entry_id)
    published = await published_versions(session, entry_id)
    questions = select(Question).where(Question.entry_id == entry_id)
    known = list((await session.execute(questions.order_by(Question.changed_at))).scalars())
    answer = None
    if version is not None and version.answer_id is not None:
        answer = await answer_of(session, rig, version.answer_id)
    current = draft_of(published[-1]) if published else None
    cited = [source.url for source in current.sources if source.url] if current else []
    return EntryPage(
        entry=entry,
        version=version,
        draft=await open_draft(rig, version) if version else None,
        answer=answer,
        reason=await _note(rig, version, "reason"),
        lift=await _note(rig, published[-1] if published else None, "lift"),
        current=current,
        published=published,
        questions=known,
        history=await audit.history(session, messaging.audit, entry_id),
        remarks=await remarks_of(session, rig, entry_id),
        links=await troubled(session, entry_id, cited) if cited else {},
    )


async def _note(rig: Rig, version: Version | None, what: str) -> str | None:
    if version is None:
        return None
    return await open_note(rig, version, what, getattr(version, f"{what}_sealed"))


async def published_versions(session: AsyncSession, entry_id: str) -> list[Version]:
    """Every version that readers saw, oldest first."""
    rows = select(Version).where(Version.entry_id == entry_id, Version.content.is_not(None))
    return list((await session.execute(rows.order_by(Version.number))).scalars())


async def answer_of(session: AsyncSession, rig: Rig, research_id: str) -> AnswerApproved | None:
    """The answer that a draft is made from, while it is kept."""
    question = await session.get(Question, research_id)
    try:
        return await open_answer(rig, question) if question else None
    except Erased:
        return None


async def version_of(session: AsyncSession, entry_id: str, number: int) -> Version:
    """One version, public or under way; raises `NotFound`."""
    version = await session.get(Version, (entry_id, number))
    if version is None:
        raise NotFound
    return version
