"""A contact or programme of a country: written by one editor, shown once another stands for it."""

import datetime as dt
from enum import StrEnum
from typing import Any

from cri_shared import clock
from cri_shared.db import UtcDateTime
from cri_shared.events.publishing import ContactFacts, ProgrammeFacts
from cri_shared.identity.staff import Staff
from cri_shared.privacy.classes import C0, C1
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import JSON, Date, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_publishing.models.base import Base
from cri_publishing.models.version import AuthorMayNotApprove, DraftChanged, WrongStep
from cri_publishing.rules.listing import What, leaves_on, period

Facts = ContactFacts | ProgrammeFacts


class RetirementReason(StrEnum):
    """Why readers do not see a listing any more."""

    CLOSED = "closed"
    WRONG = "wrong"
    HARM = "harm"
    ASKED = "asked"
    OLD = "old"
    DROPPED = "dropped"  # before readers saw it


def _before(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=1)


class Listing(Base):
    """One contact or programme: what is proposed, and beside it what readers see.

    `version` counts what readers were told of it; `edition` what editors saved.
    """

    __tablename__ = "listings"
    __table_args__ = kept(
        "contacts of organisations and programmes, for readers",
        Ground.NOBODY,
        until="a person retires it, or at twice the period of its check",
        then="a tombstone stays: id, country and day",
    )

    listing_id: Mapped[str] = mapped_column(String(32), primary_key=True, info=C0.info)
    what: Mapped[str] = mapped_column(String(12), info=C0.info)
    country: Mapped[str] = mapped_column(String(2), index=True, info=C1.info)
    name: Mapped[str] = mapped_column(String(200), info=C1.info)
    consent: Mapped[str] = mapped_column(String(8), info=C1.info)
    proposal: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), info=C1.info)
    public: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), info=C0.info)
    edition: Mapped[int] = mapped_column(default=0, info=C1.info)
    version: Mapped[int] = mapped_column(default=0, info=C0.info)
    authors: Mapped[list[str]] = mapped_column(JSON, default=list, info=C1.info)
    check_by: Mapped[dt.date | None] = mapped_column(Date, index=True, info=C0.info)
    leaves_on: Mapped[dt.date | None] = mapped_column(Date, index=True, info=C1.info)
    retired_on: Mapped[dt.date | None] = mapped_column(Date, index=True, info=C0.info)
    retired_because: Mapped[str | None] = mapped_column(String(8), info=C1.info)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)

    @property
    def proposed(self) -> Facts | None:
        """What waits for a second person."""
        return None if self.proposal is None else self._facts(self.proposal)

    @property
    def shown(self) -> Facts | None:
        """What readers see."""
        return None if self.public is None else self._facts(self.public)

    @property
    def is_retired(self) -> bool:
        """Whether it is over for good."""
        return self.retired_on is not None

    @property
    def is_due(self) -> bool:
        """Whether readers are warned that its check is late."""
        return self.check_by is not None and self.check_by < clock.today()

    def _facts(self, kept_as: dict[str, Any]) -> Facts:
        shape = ContactFacts if self.what == What.CONTACT else ProgrammeFacts
        return shape.model_validate(kept_as)

    def propose(self, facts: Facts, *, consent: str, edition: int, by: Staff) -> None:
        """Keep what an editor wrote; raises `DraftChanged` where another save came between."""
        self._must_live()
        if edition != self.edition:
            raise DraftChanged
        authors = self.authors if self.proposal is not None else []
        self.authors = [*dict.fromkeys([*authors, by.staff_id])]
        self.proposal = facts.model_dump(mode="json")
        self.country, self.name, self.consent = facts.country, facts.name, consent
        self._touch()

    def approve(self, by: Staff, edition: int) -> None:
        """A second person stands for the edition they read: readers see it from now on."""
        self._must_live()
        facts = self.proposed
        if facts is None:
            raise WrongStep
        if by.staff_id in self.authors:
            raise AuthorMayNotApprove
        if edition != self.edition:
            raise WrongStep
        self._show(facts)
        self.proposal, self.authors = None, []

    def drop(self) -> None:
        """Forget what is proposed; what readers never saw is over then."""
        self._must_live()
        if self.proposal is None:
            raise WrongStep
        if (shown := self.shown) is None:
            self._end(RetirementReason.DROPPED)
            return
        self.proposal, self.authors = None, []
        self.country, self.name = shown.country, shown.name
        self._touch()

    def confirm(self, on: dt.date, how: str) -> bool:
        """Somebody checked it: all is as it was. False where that is known already."""
        self._must_live()
        facts = self.shown
        if facts is None:
            raise WrongStep
        if (on, how) == (facts.checked_on, facts.checked_how):
            return False
        dates = {"checked_on": on, "checked_how": how, "check_by": on + period(self.what)}
        self._show(facts.model_copy(update=dates))
        return True

    def expire(self, changed_on: dt.date) -> bool:
        """Its country changed that day: what was checked then or before must be checked again.

        False where that is so anyway, or where readers do not see it.
        """
        facts = self.shown
        if facts is None or not self.would_expire(changed_on):
            return False
        self._show(facts.model_copy(update={"check_by": _before(changed_on)}))
        return True

    def would_expire(self, changed_on: dt.date) -> bool:
        """Whether a change of that day makes it due earlier than it is."""
        facts = self.shown
        return (
            facts is not None
            and facts.checked_on <= changed_on
            and facts.check_by > _before(changed_on)
        )

    def retire(self, because: RetirementReason) -> bool:
        """Readers never see it again, and nothing of it is kept; False where they never did."""
        self._must_live()
        was_public = self.public is not None
        self._end(because)
        if was_public:
            self.version += 1
        return was_public

    def _end(self, because: RetirementReason) -> None:
        self.proposal, self.public, self.authors, self.name = None, None, [], ""
        self.check_by = self.leaves_on = None
        self.retired_on, self.retired_because = clock.today(), because
        self._touch()

    def _show(self, facts: Facts) -> None:
        self.public = facts.model_dump(mode="json")
        self.check_by, self.leaves_on = facts.check_by, leaves_on(facts, self.what)
        self.version += 1
        self._touch()

    def _touch(self) -> None:
        self.edition += 1
        self.changed_at = clock.now()

    def _must_live(self) -> None:
        if self.is_retired:
            raise WrongStep
