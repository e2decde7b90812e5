"""The identity store's tables: people, roles, invitations, sessions, hand-overs."""

import datetime as dt

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from cri_shared.db.columns import UtcDateTime, new_id
from cri_shared.db.tables import NAMING
from cri_shared.db.tables.spans import RETENTION
from cri_shared.privacy.classes import C1, Digest, K, KeyOf
from cri_shared.privacy.keeping import Ground, kept

IDLE = dt.timedelta(minutes=30)
ABSOLUTE = dt.timedelta(hours=12)
INVITATION = dt.timedelta(hours=24)
CHALLENGE = dt.timedelta(minutes=10)
RETENTION_OF_STAFF = f"{RETENTION}.staff"  # the duty that ends what is over


class Base(DeclarativeBase):
    """The identity store's own metadata, migrated apart from every service's database."""

    metadata = MetaData(naming_convention=NAMING)


class Account(Base):
    """A member of staff. There is no account until a person accepts an invitation."""

    __tablename__ = "accounts"
    __table_args__ = (
        UniqueConstraint("issuer", "subject"),
        kept(
            "who works here, and how they sign in; a disabled account opens nothing",
            Ground.INTEREST,
        ),
    )

    staff_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    email: Mapped[str] = mapped_column(String(254), unique=True, info=C1.info)
    name: Mapped[str] = mapped_column(String(100), info=C1.info)
    issuer: Mapped[str | None] = mapped_column(String(300), info=C1.info)  # who vouches for them
    subject: Mapped[str | None] = mapped_column(String(255), info=C1.info)  # as who, there
    language: Mapped[str] = mapped_column(String(8), default="en", info=C1.info)
    digest: Mapped[bool] = mapped_column(default=True, info=C1.info)  # a mail when there is news
    password_hash: Mapped[str] = mapped_column(String(200), info=K.digest(Digest.ARGON2))
    totp_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=K.sealed(KeyOf.STAFF))
    totp_used: Mapped[int] = mapped_column(Integer, default=0, info=C1.info)  # last time step
    failures: Mapped[int] = mapped_column(Integer, default=0, info=C1.info)
    wait_until: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    disabled_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)


class AccountRole(Base):
    """One role of one person."""

    __tablename__ = "account_roles"
    __table_args__ = (
        UniqueConstraint("staff_id", "role"),
        kept(
            "what somebody may do", Ground.INTEREST, until="the role is taken or the account goes"
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True, info=C1.info)
    staff_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.staff_id", ondelete="CASCADE"), info=C1.info
    )
    role: Mapped[str] = mapped_column(String(20), info=C1.info)


class Invitation(Base):
    """A one-time link to become staff; it is spent when it is used or a day old."""

    __tablename__ = "invitations"
    __table_args__ = kept(
        "lets a person become staff",
        Ground.INTEREST,
        until="after it was made, or when it is used",
        span=INVITATION,
        duty=RETENTION_OF_STAFF,
    )

    token_hash: Mapped[str] = mapped_column(
        String(64), primary_key=True, info=K.digest(Digest.RANDOM)
    )
    email: Mapped[str] = mapped_column(String(254), info=C1.info)
    name: Mapped[str] = mapped_column(String(100), info=C1.info)
    roles: Mapped[str] = mapped_column(String(200), info=C1.info)
    totp_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=K.sealed(KeyOf.STAFF))
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)


class Session(Base):
    """A session of one person at one service."""

    __tablename__ = "sessions"
    __table_args__ = kept(
        "who is signed in where",
        Ground.INTEREST,
        until="after the last use, 12 hours after the first, or when the person signs out, ends "
        "it, or is shut out",
        span=IDLE,
        duty=RETENTION_OF_STAFF,
    )

    session_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True, info=K.digest(Digest.RANDOM))
    token_hash_before: Mapped[str | None] = mapped_column(  # good for a second click
        String(64), unique=True, info=K.digest(Digest.RANDOM)
    )
    staff_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.staff_id", ondelete="CASCADE"), index=True, info=C1.info
    )
    service: Mapped[str] = mapped_column(String(20), info=C1.info)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    proved_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    provider_session: Mapped[str | None] = mapped_column(String(255), index=True, info=C1.info)


class Recovery(Base):
    """One operator says that somebody lost their way in; another must say so too."""

    __tablename__ = "recoveries"
    __table_args__ = kept(
        "lets nobody be let in again by one person alone",
        Ground.INTEREST,
        until="after it was asked for, or when another operator confirms it",
        span=INVITATION,
        duty=RETENTION_OF_STAFF,
    )

    staff_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.staff_id", ondelete="CASCADE"), primary_key=True, info=C1.info
    )
    asked_by: Mapped[str] = mapped_column(String(32), info=C1.info)
    asker: Mapped[str] = mapped_column(String(100), info=C1.info)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)


class Passkey(Base):
    """A passkey of a person, for one domain; only its public half is known here."""

    __tablename__ = "passkeys"
    __table_args__ = kept(
        "how somebody signs in without a password",
        Ground.INTEREST,
        until="the person takes it away or the account goes",
    )

    passkey_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True, info=C1.info)
    staff_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.staff_id", ondelete="CASCADE"), index=True, info=C1.info
    )
    domain: Mapped[str] = mapped_column(String(253), info=C1.info)
    public_key: Mapped[bytes] = mapped_column(LargeBinary, info=C1.info)
    sign_count: Mapped[int] = mapped_column(BigInteger, info=C1.info)
    name: Mapped[str] = mapped_column(String(60), info=C1.info)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    used_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)


class SpentChallenge(Base):
    """A challenge that was answered: it is good for nothing, as long as its answer would be."""

    __tablename__ = "spent_challenges"
    __table_args__ = kept(
        "lets nobody use what a passkey said a second time",
        Ground.INTEREST,
        until="after it was answered",
        span=CHALLENGE,
        duty=RETENTION_OF_STAFF,
    )

    challenge_hash: Mapped[str] = mapped_column(
        String(64), primary_key=True, info=K.digest(Digest.RANDOM)
    )
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)


class Handover(Base):
    """A one-time code that takes a signed-in person to another console within a minute."""

    __tablename__ = "handovers"
    __table_args__ = kept(
        "the way from one console to the next",
        Ground.INTEREST,
        until="it is used, or the next one is made after its minute",
    )

    code_hash: Mapped[str] = mapped_column(
        String(64), primary_key=True, info=K.digest(Digest.RANDOM)
    )
    staff_id: Mapped[str] = mapped_column(
        ForeignKey("accounts.staff_id", ondelete="CASCADE"), info=C1.info
    )
    target: Mapped[str] = mapped_column(String(20), info=C1.info)
    proved_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    provider_session: Mapped[str | None] = mapped_column(String(255), info=C1.info)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
