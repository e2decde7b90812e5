"""Partner organisations, their API keys, and the answers to requests that may be repeated."""

import datetime as dt

from cri_shared.db import UtcDateTime, new_id
from cri_shared.privacy.classes import C1, C3, Digest, K, KeyOf
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base
from cri_intake.rules import COUNTED_DAYS, REPLAY_DAYS


class PartnerOrganisation(Base):
    """A Belgian organisation that posts questions for the people it assists."""

    __tablename__ = "partner_organisations"
    __table_args__ = kept("which organisations post questions", Ground.NOBODY)

    organisation_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    name: Mapped[str] = mapped_column(String(120), unique=True, info=C1.info)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)


class ApiKey(Base):
    """A key of an organisation; only its hash is kept, 256 random bits need no more."""

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
