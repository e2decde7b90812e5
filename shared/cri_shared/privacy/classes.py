"""Field classes: every field of an event, a form or a table says how secret it is.

C0 public, C1 internal, C2 sensitive (de-identified), C3 restricted to the requester's case,
C4 restricted to the in-country partner, K secret.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class KeyOf(StrEnum):
    """Whose key opens what is sealed; when it is destroyed, that is gone."""

    CASE = "the case"
    QUESTION = "the research question"
    PARTNER = "the partner"
    DRAFT = "the research question or entry"
    SIGN_UP = "the sign-up"
    CERTIFICATE = "the certificate"
    SERVICE = "the service"
    STAFF = "the staff store"


class Digest(StrEnum):
    """How what is only ever compared is kept."""

    ARGON2 = "Argon2id"
    RANDOM = "SHA-256 of a random token"
    SECRET = "HMAC-SHA256 with a secret of the service"  # noqa: S105 - names a method


@dataclass(frozen=True)
class FieldClass:
    """One class of secrecy; usable in `Annotated[...]` and as the `info` of a column."""

    name: str

    @property
    def info(self) -> dict[str, Any]:
        """What a SQLAlchemy column takes as `info=`."""
        return {"class": self.name}

    def sealed(self, key: KeyOf) -> dict[str, Any]:
        """The `info` of a column that holds only what is sealed under a key."""
        return {**self.info, "guard": f"sealed, key of {key}"}

    def digest(self, how: Digest) -> dict[str, Any]:
        """The `info` of a column that holds only what cannot be turned back."""
        return {**self.info, "guard": f"only as {how}"}


C0 = FieldClass("C0")
C1 = FieldClass("C1")
C2 = FieldClass("C2")
C3 = FieldClass("C3")
C4 = FieldClass("C4")
K = FieldClass("K")

CLASSES = {c.name: c for c in (C0, C1, C2, C3, C4, K)}
