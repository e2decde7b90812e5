"""Certificates of attendance; who has one lies sealed under a key of the certificate's own."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import UtcDateTime, new_id
from cri_shared.privacy.classes import C1, C3, Digest, K, KeyOf
from cri_shared.privacy.keeping import Ground, Setting, kept
from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from cri_training.models.base import Base
from cri_training.rules.certificates import CertificateEnded, Standing


class Certificate(Base):
    """That somebody attended an edition for so many minutes; it outlives their sign-up.

    Without its key the name is gone, and the code answers that it was withdrawn.
    """

    __tablename__ = "certificates"

    certificate_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    edition_id: Mapped[str] = mapped_column(
        ForeignKey("editions.edition_id"), index=True, info=C1.info
    )
    sign_up_id: Mapped[str] = mapped_column(String(32), index=True, info=C1.info)
    standing: Mapped[str] = mapped_column(String(12), default=Standing.VALID, info=C1.info)
    minutes: Mapped[int] = mapped_column(info=C1.info)
    issued_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
    ended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True, info=K.digest(Digest.RANDOM))
    code_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=K.sealed(KeyOf.CERTIFICATE))
    name_sealed: Mapped[bytes | None] = mapped_column(
        LargeBinary, info=C3.sealed(KeyOf.CERTIFICATE)
    )
    reason_sealed: Mapped[bytes | None] = mapped_column(
        LargeBinary, info=C3.sealed(KeyOf.CERTIFICATE)
    )

    __table_args__ = (
        Index(
            "uq_certificates_one_valid",
            "sign_up_id",
            unique=True,
            sqlite_where=text("standing = 'valid'"),
            postgresql_where=text("standing = 'valid'"),
        ),
        kept(
            "others can check what somebody shows them",
            Ground.REQUEST,
            until="after it was issued, or when the person asks",
            then="its key is destroyed; the code says that it was withdrawn",
            span=Setting("keep_certificates_days"),
            duty="retention.certificates",
        ),
    )

    def end(self, standing: Standing, reason_sealed: bytes | None = None) -> bool:
        """Revoke or replace it; whether that is a change. Raises `CertificateEnded`."""
        if self.standing == standing:
            return False
        if self.standing != Standing.VALID:
            raise CertificateEnded
        self.standing, self.ended_at = standing, clock.now()
        self.reason_sealed = reason_sealed
        return True

    def withdraw(self) -> None:
        """The person was erased: only that there was one stays."""
        self.standing, self.ended_at = Standing.WITHDRAWN, clock.now()
        self.code_sealed = self.name_sealed = self.reason_sealed = None
