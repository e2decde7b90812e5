"""Partner organisations, their API keys, and the answers to requests that may be repeated."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import UtcDateTime, new_id
from cri_shared.privacy.classes import C1, C3, Digest, K, KeyOf
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import JSON, Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base
from cri_intake.rules import COUNTED_DAYS, REPLAY_DAYS


class PartnerOrganisation(Base):
    """A Belgian organisation that posts questions for the people it assists."""

    __tablename__ = "partner_organisations"
    __table_args__ = kept(
        "which organisations post questions, and where to tell that a key grows old",
        Ground.INTEREST,
    )

    organisation_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    name: Mapped[str] = mapped_column(String(120), unique=True, info=C1.info)
    email: Mapped[str | None] = mapped_column(String(254), info=C1.info)
    language: Mapped[str] = mapped_column(String(8), default="en", info=C1.info)
    form_id: Mapped[str | None] = mapped_column(String(32), unique=True, info=C1.info)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)


class ApiKey(Base):
    """A key of an organisation; only its hash is kept, 256 random bits need no more.

    `networks` are those it may come from (all, where there are none), and `warned_days` for which
    of the days before its end the organisation was written to.
    """

    __tablename__ = "api_keys"
    __table_args__ = kept(
        "lets an organisation post questions; opens nothing once it is too old or taken back",
        Ground.NOBODY,
    )

    key_id: Mapped[str] = mapped_column(String(32), primary_key=True, info=C1.info)
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("partner_organisations.organisation_id"), index=True, info=C1.info
    )
    secret_hash: Mapped[str] = mapped_column(String(64), info=K.digest(Digest.RANDOM))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    scopes: Mapped[list[str]] = mapped_column(JSON, info=C1.info)
    networks: Mapped[list[str]] = mapped_column(JSON, info=C1.info)
    last_used_on: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    warned_days: Mapped[int | None] = mapped_column(info=C1.info)

    @property
    def is_live(self) -> bool:
        """Whether it opens anything today."""
        return self.revoked_at is None and self.expires_at > clock.now()

    def revoke(self) -> bool:
        """Let it open nothing any more; False where it was so before."""
        if self.revoked_at is not None:
            return False
        self.revoked_at = clock.now()
        return True


class KeyUse(Base):
    """How many questions came in with a key in one minute or on one day; nothing more is known."""

    __tablename__ = "key_uses"
    __table_args__ = kept(
        "keeps one key from sending too many questions",
        Ground.NOBODY,
        until="after it began",
        span=COUNTED_DAYS,
        duty="retention.key-uses",
    )

    key_id: Mapped[str] = mapped_column(String(32), primary_key=True, info=C1.info)
    period: Mapped[str] = mapped_column(String(24), primary_key=True, info=C1.info)
    count: Mapped[int] = mapped_column(info=C1.info)
    began_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)


class IdempotencyRecord(Base):
    """The answer to a request that may be repeated, sealed under the case's key for three days."""

    __tablename__ = "idempotency_records"
    __table_args__ = kept(
        "a request that is sent again makes no second question",
        Ground.CONSENT,
        until="after the request",
        span=REPLAY_DAYS,
        duty="retention.responses",
    )

    organisation_id: Mapped[str] = mapped_column(String(32), primary_key=True, info=C1.info)
    key: Mapped[str] = mapped_column(String(80), primary_key=True, info=C1.info)
    question_id: Mapped[str] = mapped_column(String(32), info=C1.info)
    body_mac: Mapped[bytes] = mapped_column(LargeBinary(32), info=K.digest(Digest.SECRET))
    response_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.CASE))
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
