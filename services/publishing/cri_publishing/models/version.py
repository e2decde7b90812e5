"""A version of an entry: sealed and editable as a draft, fixed in review, public and immutable."""

import datetime as dt
from enum import StrEnum
from typing import Any

from cri_shared import clock
from cri_shared.db import UtcDateTime
from cri_shared.errors import Forbidden, Refusal
from cri_shared.identity.staff import Staff
from cri_shared.privacy.classes import C0, C1, C2, KeyOf
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.words import N_
from sqlalchemy import JSON, Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_publishing.models.base import Base
from cri_publishing.rules.draft import Draft


class VersionState(StrEnum):
    """How far a version has come."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


UNDER_WAY = (VersionState.DRAFT, VersionState.IN_REVIEW, VersionState.SCHEDULED)


class WrongStep(Refusal):
    """The version is not where this step begins: somebody was faster, or the form came twice."""

    slug = "wrong-step"
    message = N_("This was done already, or the text has moved on. Look at the page again.")


class DraftChanged(Refusal):
    """Another save came between; both texts are shown."""

    slug = "draft-changed"
    message = N_("Somebody else saved this text while you were writing.")


class AuthorMayNotApprove(Forbidden):
    """Two people stand for every public text."""

    slug = "author-may-not-approve"
    message = N_("You worked on this text. Another editor must approve it.")


class OtherApproverNamed(Forbidden):
    """An amber text names who approves it."""

    slug = "other-approver-named"
    message = N_("Another person was named to approve this text.")


class Version(Base):
    """One version, sealed until it is published under the key of a research question (or entry)."""

    __tablename__ = "versions"
    __table_args__ = kept(
        "a public text, its sources, and who stands for it",
        Ground.INTEREST,
        until="its draft is discarded, or its asker takes it back before it is public",
        then="the key is destroyed; what is public stays, with the earlier versions",
    )

    entry_id: Mapped[str] = mapped_column(
        ForeignKey("entries.entry_id"), primary_key=True, info=C0.info
    )
    number: Mapped[int] = mapped_column(primary_key=True, info=C0.info)
    state: Mapped[str] = mapped_column(
        String(12), default=VersionState.DRAFT, index=True, info=C1.info
    )
    key_id: Mapped[str] = mapped_column(
        String(64), index=True, info=C1.info
    )  # a research question or entry
    renews: Mapped[bool] = mapped_column(default=False, info=C1.info)
    sent_back: Mapped[bool] = mapped_column(default=False, info=C1.info)  # by who read it last
    answer_id: Mapped[str | None] = mapped_column(String(64), info=C1.info)  # the answer beside it
    edition: Mapped[int] = mapped_column(default=1, info=C1.info)
    country: Mapped[str] = mapped_column(String(2), info=C1.info)
    topics: Mapped[list[str]] = mapped_column(JSON, info=C1.info)
    language: Mapped[str] = mapped_column(String(12), info=C1.info)
    sensitivity: Mapped[str] = mapped_column(String(8), info=C1.info)
    embargo_days: Mapped[int] = mapped_column(info=C1.info)
    content_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.DRAFT))
    content: Mapped[dict[str, Any] | None] = mapped_column(JSON, info=C0.info)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.DRAFT))
    lift_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.DRAFT))
    authors: Mapped[list[str]] = mapped_column(JSON, default=list, info=C1.info)
    saved_by: Mapped[str] = mapped_column(String(100), default="", info=C1.info)
    named_approver_id: Mapped[str | None] = mapped_column(String(32), info=C1.info)
    named_approver: Mapped[str | None] = mapped_column(String(100), info=C1.info)
    approved_by_id: Mapped[str | None] = mapped_column(String(32), info=C1.info)
    approved_by: Mapped[str | None] = mapped_column(String(100), info=C1.info)
    embargo_until: Mapped[dt.date | None] = mapped_column(Date, index=True, info=C1.info)
    started_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
    paced: Mapped[bool] = mapped_column(default=False, info=C1.info)  # counted how long it took
    published_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, index=True, info=C0.info)

    @property
    def is_under_way(self) -> bool:
        """Whether it is not public yet."""
        return self.state in UNDER_WAY

    def write(self, draft: Draft, sealed: bytes, *, by: Staff | None) -> None:
        """Keep a new state of the text; whoever wrote it may not approve it."""
        self._must_be(VersionState.DRAFT)
        self.content_sealed = sealed
        self.country, self.topics = draft.country, list(draft.topics)
        self.language, self.sensitivity = draft.original.language, draft.sensitivity
        self.embargo_days = draft.embargo_days
        if by is not None:
            self.authors = [*dict.fromkeys([*self.authors, by.staff_id])]
            self.saved_by = by.name
        self.edition += 1
        self.changed_at = clock.now()

    def check_edition(self, edition: int) -> None:
        """Raise `DraftChanged` where the text was saved since a form was opened."""
        self._must_be(VersionState.DRAFT)
        if edition != self.edition:
            raise DraftChanged

    def submit(self, *, by: Staff, approver: tuple[str, str] | None, reason: bytes | None) -> None:
        """Fix the text for review. `approver`: (id, name); `reason`: sealed, overrules warnings."""
        self._must_be(VersionState.DRAFT)
        self.named_approver_id, self.named_approver = approver or (None, None)
        self.reason_sealed, self.sent_back = reason, False
        self.authors = [*dict.fromkeys([*self.authors, by.staff_id])]
        self._become(VersionState.IN_REVIEW)

    def send_back(self) -> None:
        """Return the text to its editors."""
        self._must_be(VersionState.IN_REVIEW)
        self.sent_back = True
        self._become(VersionState.DRAFT)
        self.edition += 1

    def approve(self, by: Staff, edition: int) -> None:
        """A second person stands for the edition they read; the waiting time runs from this day."""
        self._must_be(VersionState.IN_REVIEW)
        if edition != self.edition:
            raise WrongStep
        if by.staff_id in self.authors:
            raise AuthorMayNotApprove
        if self.named_approver_id not in (None, by.staff_id):
            raise OtherApproverNamed
        self.approved_by_id, self.approved_by = by.staff_id, by.name
        self.embargo_until = clock.today() + dt.timedelta(days=self.embargo_days)
        self._become(VersionState.SCHEDULED)

    def end_embargo(self) -> None:
        """Let it be published today."""
        self._must_be(VersionState.SCHEDULED)
        self.embargo_until = clock.today()
        self.changed_at = clock.now()

    def take_back(self) -> None:
        """Back to a draft before it is published, to be changed and approved anew."""
        if self.state not in (VersionState.SCHEDULED, VersionState.IN_REVIEW):
            raise WrongStep
        self.approved_by_id = self.approved_by = self.embargo_until = None
        self._become(VersionState.DRAFT)
        self.edition += 1

    @property
    def is_ripe(self) -> bool:
        """Whether an approved version has waited long enough."""
        waited = self.embargo_until is not None and self.embargo_until <= clock.today()
        return self.state == VersionState.SCHEDULED and waited

    def publish(self, content: dict[str, Any]) -> None:
        """Its content is public from now on, and never changes again."""
        self._must_be(VersionState.SCHEDULED)
        self.content, self.content_sealed = content, None
        self.published_at = clock.now()
        self._become(VersionState.PUBLISHED)

    def give_way(self) -> None:
        """A newer version is what readers see."""
        self._become(VersionState.SUPERSEDED)

    def _must_be(self, *states: VersionState) -> None:
        if self.state not in states:
            raise WrongStep

    def _become(self, state: VersionState) -> None:
        self.state = state
        self.changed_at = clock.now()
