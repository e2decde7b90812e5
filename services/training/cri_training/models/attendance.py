"""Attendance: how somebody was at a session as it counts now, and every mark that was made."""

import datetime as dt

from cri_shared.db import UtcDateTime, new_id
from cri_shared.privacy.classes import C1, C3, KeyOf
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cri_training.models.base import Base
from cri_training.rules.attendance import CAME, Presence


class Attendance(Base):
    """How somebody was at one session; `version` counts its marks, so that none is lost."""

    __tablename__ = "attendances"
    __table_args__ = kept("who came, and for how long", Ground.REQUEST, until="the sign-up goes")

    sign_up_id: Mapped[str] = mapped_column(
        ForeignKey("sign_ups.sign_up_id"), primary_key=True, info=C1.info
    )
    session_id: Mapped[str] = mapped_column(
        ForeignKey("sessions.session_id"), primary_key=True, index=True, info=C1.info
    )
    presence: Mapped[str] = mapped_column(String(12), info=C1.info)
    missed: Mapped[int] = mapped_column(info=C1.info)  # minutes of the session
    version: Mapped[int] = mapped_column(default=0, info=C1.info)
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)

    @property
    def came(self) -> bool:
        """Whether they were there, if not for all of it."""
        return self.presence in CAME

    def says(self, presence: Presence, missed: int) -> bool:
        """Whether a mark would change nothing."""
        return (self.presence, self.missed) == (presence, missed)


class Mark(Base):
    """A mark as somebody made it, once per session and nonce.

    One without a `version` was set aside: what it was made on, `seen`, was not what counted when
    it arrived. It waits until there is a newer mark than the one `against` which it came.
    """

    __tablename__ = "marks"
    __table_args__ = (
        UniqueConstraint("session_id", "nonce"),
        kept("how attendance came to be what it is", Ground.REQUEST, until="the sign-up goes"),
    )

    mark_id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id, info=C1.info)
    session_id: Mapped[str] = mapped_column(ForeignKey("sessions.session_id"), info=C1.info)
    sign_up_id: Mapped[str] = mapped_column(
        ForeignKey("sign_ups.sign_up_id"), index=True, info=C1.info
    )
    nonce: Mapped[str] = mapped_column(String(80), info=C1.info)
    presence: Mapped[str] = mapped_column(String(12), info=C1.info)
    missed: Mapped[int] = mapped_column(info=C1.info)
    version: Mapped[int | None] = mapped_column(info=C1.info)
    against: Mapped[int | None] = mapped_column(info=C1.info)
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    made_by: Mapped[str] = mapped_column(String(100), info=C1.info)
    recorded_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    reason_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.SIGN_UP))
