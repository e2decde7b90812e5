"""The way of a draft to its readers: submitted, approved by another person, waiting, published."""

import secrets
from dataclasses import dataclass, replace

from cri_shared.db import Work
from cri_shared.errors import Invalid
from cri_shared.events.publishing import EntryPublished, EntryRevised, QuestionCovered
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from cri_shared.words import N_
from sqlalchemy import select

from cri_publishing import indexing
from cri_publishing.actions.links import addresses, follow
from cri_publishing.actions.remarks import remark
from cri_publishing.checking import quick_problems
from cri_publishing.content import draft_plain
from cri_publishing.desk import desk_of, open_draft, seal_note
from cri_publishing.facts import draft_of, facts_of
from cri_publishing.models import Entry, NotYourEmbargo, Question, QuestionState, Version
from cri_publishing.rig import Rig
from cri_publishing.rules.checks import Problem, blocking, to_confirm
from cri_publishing.rules.draft import Draft
from cri_publishing.rules.life import SLUG_LETTERS, slug

_ENDING = 4


class NotReady(Invalid):
    """The rules still stand against publishing this text."""

    slug = "not-ready"
    message = N_("This cannot be published yet. The page says why.")


class MarkMissing(Invalid):
    """Names and contacts stay only where somebody says that they are public."""

    slug = "mark-missing"
    message = N_("Take it out, or say why it is public.")


class ReasonMissing(Invalid):
    """Warnings are overruled with a reason, or not at all."""

    slug = "reason-missing"
    message = N_("Say why this may be published all the same")


class ApproverMissing(Invalid):
    """An amber text names the person who approves it."""

    slug = "approver-missing"
    message = N_("This text is amber: name the person who will approve it")


@dataclass(frozen=True)
class Marks:
    """What an editor said of names and contacts: sentences for the approver, and what is open."""

    sentences: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """What an editor proposes for review, and says about it.

    `problems` are those of this edition, with the detectors' findings; `approver` is (id, name).
    """

    edition: int
    problems: tuple[Problem, ...]
    reason: str | None
    marks: Marks
    approver: tuple[str, str] | None

    @property
    def overruled(self) -> list[Problem]:
        """The warnings that the reason answers."""
        return to_confirm(self.problems)

    @property
    def note(self) -> str:
        """What whoever approves it reads."""
        return "\n".join([*([self.reason] if self.reason else []), *self.marks.sentences])

    def must_be_ready(self, sensitivity: str) -> None:
        """Raises `NotReady`, `MarkMissing`, `ReasonMissing` or `ApproverMissing`."""
        if blocking(self.problems):
            raise NotReady
        if self.marks.missing:
            raise MarkMissing
        if self.overruled and not self.reason:
            raise ReasonMissing
        if sensitivity == "amber" and self.approver is None:
            raise ApproverMissing


async def submit(work: Work, rig: Rig, entry_id: str, proposal: Proposal, *, by: Staff) -> None:
    """Fix a draft for review; raises `DraftChanged`, or what `Proposal.must_be_ready` raises."""
    desk = await desk_of(work, entry_id)
    desk.version.check_edition(proposal.edition)
    proposal.must_be_ready(desk.version.sensitivity)
    note = proposal.note
    sealed = await seal_note(rig, desk.version, "reason", note) if note else None
    desk.version.submit(by=by, approver=proposal.approver, reason=sealed)
    await audit.note(
        work,
        "publishing.draft.submitted",
        entry_id,
        by=by,
        version=desk.version.number,
        overruled=sorted({problem.code for problem in proposal.overruled}),
        marked=len(proposal.marks.sentences),
    )


async def send_back(work: Work, rig: Rig, entry_id: str, comment: str, by: Staff) -> None:
    """Return a text to its editors with a remark on what must change."""
    desk = await desk_of(work, entry_id)
    desk.version.send_back()
    await remark(work, rig, entry_id, comment, by=by)
    await audit.note(work, "publishing.draft.sent_back", entry_id, by=by)


async def take_back(work: Work, entry_id: str, by: Staff) -> None:
    """Make a text that is in review or waiting a draft again; it needs a new approval."""
    desk = await desk_of(work, entry_id)
    desk.version.take_back()
    await audit.note(work, "publishing.draft.taken_back", entry_id, by=by)


async def approve(work: Work, rig: Rig, entry_id: str, edition: int, by: Staff) -> bool:
    """Stand for a text as a second person; True where it is public at once, without waiting.

    The waiting time is counted from today. Raises `WrongStep` where another edition than the one
    that was read is in review, `NotReady` where time has made it too old.
    """
    desk = await desk_of(work, entry_id)
    version = desk.version
    version.approve(by, edition)
    draft = await open_draft(rig, version)
    if blocking(quick_problems(draft, number=version.number, renews=version.renews)):
        raise NotReady
    await audit.note(
        work,
        "publishing.draft.approved",
        entry_id,
        by=by,
        version=version.number,
        embargo_until=str(version.embargo_until),
    )
    if version.is_ripe:
        await publish(work, rig, desk.entry, version)
    return not version.is_under_way


async def lift_embargo(work: Work, rig: Rig, entry_id: str, reason: str, by: Staff) -> None:
    """Publish before the waiting time is over; raises `NotYourEmbargo`."""
    desk = await desk_of(work, entry_id)
    if desk.version.approved_by_id not in (None, by.staff_id):
        raise NotYourEmbargo
    desk.version.end_embargo()
    desk.version.lift_sealed = await seal_note(rig, desk.version, "lift", reason)
    await audit.note(work, "publishing.embargo.lifted", entry_id, by=by)
    await publish(work, rig, desk.entry, desk.version)


async def publish(work: Work, rig: Rig, entry: Entry, version: Version) -> None:
    """Make an approved version what readers see, and tell everybody who must know."""
    draft = await open_draft(rig, version)
    versions = await _published(work, entry)
    if entry.slug is None:
        entry.slug = await _free_slug(work, draft)
    draft = _stamped(draft, versions[-1] if versions else None, version.number)
    for earlier in versions[-1:]:
        earlier.give_way()
    version.publish(draft_plain(draft))
    entry.publish(
        version.number,
        information_date=draft.information_date,
        country=draft.country,
        topics=draft.topics,
    )
    event = EntryRevised if versions else EntryPublished
    facts = facts_of(entry, [*versions, version])
    await work.emit(event(entry_id=entry.entry_id, entry=facts), version=entry.step())
    await follow(work, addresses(draft), entry_id=entry.entry_id)
    await _cover(work, entry)
    await indexing.leave(work, rig, entry.entry_id)
    await audit.note(work, "publishing.entry.published", entry.entry_id, version=version.number)


async def _published(work: Work, entry: Entry) -> list[Version]:
    rows = (
        select(Version)
        .where(Version.entry_id == entry.entry_id, Version.content.is_not(None))
        .order_by(Version.number)
    )
    return list((await work.session.execute(rows)).scalars())


def _stamped(draft: Draft, before: Version | None, number: int) -> Draft:
    """Each text says in which version it was last written."""
    old = draft_of(before) if before else None

    def stamped_in(language: str) -> int:
        text, earlier = draft.text_in(language), old and old.text_in(language)
        same = earlier and text and earlier.fingerprint == text.fingerprint
        return (earlier.version or 1) if earlier and same else number

    return replace(
        draft,
        texts=tuple(replace(text, version=stamped_in(text.language)) for text in draft.texts),
    )


async def _free_slug(work: Work, draft: Draft) -> str:
    questions = {text.language: text.question for text in draft.texts}
    while True:
        ending = "".join(secrets.choice(SLUG_LETTERS) for _ in range(_ENDING))
        made = slug(draft.country, questions, ending)
        taken = select(Entry.entry_id).where(Entry.slug == made)
        if (await work.session.execute(taken)).first() is None:
            return made


async def _cover(work: Work, entry: Entry) -> None:
    """Past askers hear where their answer stands, and when it has changed."""
    rows = select(Question).where(
        Question.entry_id == entry.entry_id,
        Question.state.in_((QuestionState.DRAFTED, QuestionState.COVERED)),
    )
    known: list[str] = []
    new: list[str] = []
    for question in (await work.session.execute(rows.order_by(Question.research_id))).scalars():
        (known if question.state == QuestionState.COVERED else new).append(question.research_id)
        question.state = QuestionState.COVERED
    for research_ids, changed in ((known, True), (new, False)):
        if research_ids:
            await work.emit(
                QuestionCovered(
                    entry_id=entry.entry_id,
                    research_ids=tuple(research_ids),
                    slug=entry.slug or "",
                    version=entry.version,
                    changed=changed,
                ),
                version=entry.step(),
            )
