"""What people write of themselves when they sign up, sealed apart by how long it is needed."""

from cri_shared.privacy.classes import C1, C3, KeyOf
from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column


class Written:
    """The columns of a sign-up that hold it, each sealed under the key of the sign-up."""

    details_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.SIGN_UP))
    # Gone when the workshop is over or they do not come.
    needs_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.SIGN_UP))
    # What they say of the workshop that is asked for first, gone when it is decided.
    claim: Mapped[str | None] = mapped_column(String(10), info=C1.info)
    claim_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C3.sealed(KeyOf.SIGN_UP))
    reason_sealed: Mapped[bytes | None] = mapped_column(  # why a trainer refused
        LargeBinary, info=C3.sealed(KeyOf.SIGN_UP)
    )
    role: Mapped[str | None] = mapped_column(String(16), info=C1.info)

    def forget_extras(self) -> None:
        """Keep who it is, and nothing that only the workshop needed."""
        self.needs_sealed = self.claim_sealed = None

    def forget_person(self) -> None:
        """Keep nothing of who it is."""
        self.details_sealed = None
        self.forget_extras()
