"""Helpers: organisations that an asker lets follow a question, and the code by which they come."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import UtcDateTime
from cri_shared.errors import Forbidden
from cri_shared.privacy.classes import C1, Digest, K
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.words import N_
from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base
from cri_intake.rules import HELPER_CODE_HOURS

CODE_LIFE = dt.timedelta(hours=HELPER_CODE_HOURS)
HELP_ENDED = "helper.ended"  # what the trail calls it


class HelperMayNot(Forbidden):
    """The asker lets an organisation follow the question, and not do this."""

    slug = "helper-may-not"
    message = N_("The asker lets you read this question. You cannot do this for them.")


class HelperCode(Base):
    """A code that lets one organisation follow a question; a second one of the same ends it.

    Whoever used it reads the same again until it is over; to all others it is unknown.
    """

    __tablename__ = "helper_codes"
    __table_args__ = kept(
        "lets an asker hand a question to an organisation",
        Ground.CONSENT,
        until="after it was made, when the asker makes another or takes it back, or the case goes",
        span=CODE_LIFE,
        duty="retention.helper-codes",
    )

    code_hash: Mapped[bytes] = mapped_column(
        LargeBinary(32), primary_key=True, info=K.digest(Digest.SECRET)
    )
    question_id: Mapped[str] = mapped_column(
        ForeignKey("cases.question_id", ondelete="CASCADE"), index=True, info=C1.info
    )
    may: Mapped[str] = mapped_column(String(8), info=C1.info)  # read or write
    made_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
    used_by: Mapped[str | None] = mapped_column(
        ForeignKey("partner_organisations.organisation_id"), info=C1.info
    )

    @property
    def ends_at(self) -> dt.datetime:
        """When it opens nothing any more."""
        return self.made_at + CODE_LIFE

    def opens_for(self, organisation_id: str) -> bool:
        """Whether an organisation may still use it, or has done so."""
        return self.ends_at > clock.now() and self.used_by in (None, organisation_id)


class Helper(Base):
    """An organisation that an asker lets follow a question."""

    __tablename__ = "helpers"
    __table_args__ = kept(
        "which organisations an asker lets follow the question",
        Ground.CONSENT,
        until="the asker or the organisation ends it, or the case goes",
    )

    question_id: Mapped[str] = mapped_column(
        ForeignKey("cases.question_id", ondelete="CASCADE"), primary_key=True, info=C1.info
    )
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("partner_organisations.organisation_id"),
        primary_key=True,
        index=True,
        info=C1.info,
    )
    may: Mapped[str] = mapped_column(String(8), info=C1.info)  # read or write
    since: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
