"""The link that opens one assignment, and the hours behind it."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import UtcDateTime, new_id
from cri_shared.privacy.classes import C1, Digest, K
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_research.models.assignments import Assignment
from cri_research.models.base import Base
from cri_research.rules import deadlines


class SecretLink(Base):
    """What opens one assignment: a token for the link and a code to type, as hashes only."""

    __tablename__ = "links"
    __table_args__ = kept(
        "opens one assignment for its partner, and nothing after its last day",
        Ground.AGREEMENT,
        until="its question goes",
    )

    link_id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id, info=C1.info)
    assignment_id: Mapped[str] = mapped_column(
        ForeignKey("assignments.assignment_id"), index=True, info=C1.info
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=K.digest(Digest.RANDOM))
    code_hash: Mapped[bytes] = mapped_column(
        LargeBinary(32), unique=True, info=K.digest(Digest.SECRET)
    )
    issued_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    # A newer link was sent: this one opens no new page.
    superseded_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    exchanges: Mapped[int] = mapped_column(default=0, info=C1.info)
    pin_tries: Mapped[int] = mapped_column(default=0, info=C1.info)

    def exchange(self, assignment: Assignment) -> bool:
        """Spend one of its openings; False where it opens nothing (any more)."""
        worn_out = self.superseded_at is not None or self.exchanges >= deadlines.MAX_EXCHANGES
        if worn_out or not self.opens(assignment):
            return False
        self.exchanges += 1
        return True

    def opens(self, assignment: Assignment) -> bool:
        """Whether sessions that it opened may still look at the assignment."""
        in_time = clock.today() <= deadlines.last_day(assignment.due_on)
        return self.revoked_at is None and assignment.is_live and in_time

    def miss_pin(self) -> None:
        """A wrong PIN; the last try revokes the link."""
        self.pin_tries += 1
        if self.pin_tries >= deadlines.MAX_PIN_TRIES:
            self.revoked_at = clock.now()


class PartnerSession(Base):
    """Eight hours for one assignment; where a PIN is needed, nothing shows before it was typed."""

    __tablename__ = "partner_sessions"
    __table_args__ = kept(
        "the hours in which a partner answers",
        Ground.AGREEMENT,
        until="after it was opened",
        span=deadlines.SESSION,
        duty="retention.partner-sessions",
    )

    token_hash: Mapped[str] = mapped_column(
        String(64), primary_key=True, info=K.digest(Digest.RANDOM)
    )
    link_id: Mapped[str] = mapped_column(ForeignKey("links.link_id"), index=True, info=C1.info)
    assignment_id: Mapped[str] = mapped_column(
        ForeignKey("assignments.assignment_id"), info=C1.info
    )
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
    pin_passed: Mapped[bool] = mapped_column(default=False, info=C1.info)
