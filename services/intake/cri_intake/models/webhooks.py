"""Webhooks: where an organisation hears that the status of its questions changed, and each try."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import UtcDateTime, new_id
from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, Setting, kept
from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base
from cri_intake.rules.webhooks import LEASE, LONGEST_URL, next_try


class Webhook(Base):
    """The one address of an organisation; its secret follows from the id, and lies nowhere."""

    __tablename__ = "webhooks"
    __table_args__ = kept(
        "where an organisation hears that a question of its own has another status",
        Ground.NOBODY,
        until="the organisation takes it away",
    )

    webhook_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("partner_organisations.organisation_id"), unique=True, info=C1.info
    )
    url: Mapped[str] = mapped_column(String(LONGEST_URL), info=C1.info)
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    off_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    off_why: Mapped[str | None] = mapped_column(String(12), info=C1.info)  # failed, gone, operator

    def switch_off(self, why: str) -> bool:
        """Send nothing more; False where it was so before."""
        if self.off_at is not None:
            return False
        self.off_at, self.off_why = clock.now(), why
        return True


class Notice(Base):
    """One message to a webhook: which question, which status, and how its delivery went.

    A trial is about no question: it shows whether messages arrive, and is not repeated.
    """

    __tablename__ = "webhook_notices"
    __table_args__ = kept(
        "tells an organisation of a status, and shows whether that arrived",
        Ground.INTEREST,
        until="after it was written, or when the webhook is taken away",
        span=Setting("keep_notices_days"),
        duty="retention.webhook-notices",
    )

    notice_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    webhook_id: Mapped[str] = mapped_column(
        ForeignKey("webhooks.webhook_id", ondelete="CASCADE"), index=True, info=C1.info
    )
    question_id: Mapped[str | None] = mapped_column(String(32), info=C1.info)  # None: a trial
    status: Mapped[str] = mapped_column(String(24), info=C1.info)
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
    due_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, index=True, info=C1.info)
    tries: Mapped[int] = mapped_column(default=0, info=C1.info)
    answered: Mapped[int | None] = mapped_column(info=C1.info)  # the last HTTP status
    trouble: Mapped[str | None] = mapped_column(String(16), info=C1.info)  # why there was none
    delivered_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)

    @property
    def is_trial(self) -> bool:
        """Whether it tells of no question, and only tries whether messages arrive."""
        return self.question_id is None

    def begin(self) -> None:
        """It is being sent; where nobody says how that ended, it is tried again."""
        self.tries += 1
        self.due_at = clock.now() + LEASE

    def arrived(self, status: int) -> None:
        """The receiver took it."""
        self.answered, self.trouble = status, None
        self.delivered_at, self.due_at = clock.now(), None

    def failed(self, status: int | None, trouble: str | None) -> bool:
        """It did not arrive; whether it is given up."""
        self.answered, self.trouble = status, trouble
        pause = None if self.is_trial else next_try(self.tries)
        self.due_at = None if pause is None else clock.now() + pause
        return pause is None and not self.is_trial
