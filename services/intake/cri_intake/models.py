"""Intake's tables; a case's methods change its state and may refuse."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import NAMING, Messaging, UtcDateTime, new_id
from cri_shared.errors import Refusal
from cri_shared.privacy.classes import C1, C3, K
from cri_shared.words import N_
from sqlalchemy import JSON, Date, ForeignKey, LargeBinary, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from cri_intake.rules import OPEN, Status


class Base(DeclarativeBase):
    """Intake's own metadata."""

    metadata = MetaData(naming_convention=NAMING)


messaging = Messaging(Base.metadata)


class QuestionIsClosed(Refusal):
    """Nothing can be added to a question that is no longer open."""

    slug = "question-is-closed"
    message = N_("This question is closed.")


class PartnerOrganisation(Base):
    """A Belgian organisation that posts questions for the people it assists."""

    __tablename__ = "partner_organisations"

    organisation_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    name: Mapped[str] = mapped_column(String(120), unique=True, info=C1.info)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)


class ApiKey(Base):
    """A key of an organisation; only its hash is kept, 256 random bits need no more."""

    __tablename__ = "api_keys"

    key_id: Mapped[str] = mapped_column(String(32), primary_key=True, info=C1.info)
    organisation_id: Mapped[str] = mapped_column(
        ForeignKey("partner_organisations.organisation_id"), index=True, info=C1.info
    )
    secret_hash: Mapped[str] = mapped_column(String(64), info=K.info)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    expires_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)


class Case(Base):
    """One question as it was asked; what the person wrote is sealed under the case's own key."""

    __tablename__ = "cases"

    question_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    receipt_verifier: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, info=K.info)
    receipt_is_slow: Mapped[bool] = mapped_column(default=False, index=True, info=C1.info)
    form_id: Mapped[str | None] = mapped_column(String(32), unique=True, info=C1.info)
    status: Mapped[str] = mapped_column(
        String(24), default=Status.RECEIVED, index=True, info=C1.info
    )
    channel: Mapped[str] = mapped_column(String(8), info=C1.info)
    asker_role: Mapped[str] = mapped_column(String(16), info=C1.info)
    organisation_id: Mapped[str | None] = mapped_column(
        ForeignKey("partner_organisations.organisation_id"), index=True, info=C1.info
    )
    reference_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C3.info)
    country: Mapped[str] = mapped_column(String(2), info=C1.info)
    region: Mapped[str | None] = mapped_column(String(120), info=C1.info)
    topics: Mapped[list[str]] = mapped_column(JSON, default=list, info=C1.info)
    language: Mapped[str] = mapped_column(String(12), info=C1.info)
    spoken_languages: Mapped[list[str]] = mapped_column(JSON, default=list, info=C1.info)
    needed_by: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    original_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C3.info)
    contact_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C3.info)
    consent_version: Mapped[str] = mapped_column(String(20), info=C1.info)
    consent_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    received_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    version: Mapped[int] = mapped_column(default=1, info=C1.info)

    @property
    def is_open(self) -> bool:
        """Whether somebody still works on it."""
        return self.status in OPEN

    def withdraw(self) -> None:
        """The asker no longer wants an answer; raises `QuestionIsClosed`."""
        if not self.is_open:
            raise QuestionIsClosed
        self._become(Status.WITHDRAWN)

    def accept_message(self) -> None:
        """Something is added to the thread; raises `QuestionIsClosed`."""
        if self.status in (Status.WITHDRAWN, Status.REFUSED, Status.ERASED):
            raise QuestionIsClosed
        self._become(Status(self.status))

    def _become(self, status: Status) -> None:
        self.status = status
        self.version += 1
        self.changed_at = clock.now()


class Message(Base):
    """One message of the thread between an asker and the helpdesk."""

    __tablename__ = "messages"

    message_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    question_id: Mapped[str] = mapped_column(
        ForeignKey("cases.question_id", ondelete="CASCADE"), index=True, info=C1.info
    )
    author: Mapped[str] = mapped_column(String(12), info=C1.info)  # asker or helpdesk
    text_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C3.info)
    sent_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)


class IdempotencyRecord(Base):
    """The answer to a request that may be repeated, sealed under the case's key for three days."""

    __tablename__ = "idempotency_records"

    organisation_id: Mapped[str] = mapped_column(String(32), primary_key=True, info=C1.info)
    key: Mapped[str] = mapped_column(String(64), primary_key=True, info=C1.info)
    question_id: Mapped[str] = mapped_column(String(32), info=C1.info)
    body_mac: Mapped[bytes] = mapped_column(LargeBinary(32), info=K.info)
    response_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C3.info)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)


class AskerSession(Base):
    """Half an hour behind a receipt; it names the case and nothing else."""

    __tablename__ = "asker_sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True, info=K.info)
    question_id: Mapped[str] = mapped_column(
        ForeignKey("cases.question_id", ondelete="CASCADE"), info=C1.info
    )
    opened_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
