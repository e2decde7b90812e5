"""Field classes: every field of an event, a form or a table says how secret it is.

C0 public, C1 internal, C2 sensitive (de-identified), C3 restricted to the requester's case,
C4 restricted to the in-country partner, K secret.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldClass:
    """One class of secrecy; usable in `Annotated[...]` and as the `info` of a column."""

    name: str

    @property
    def info(self) -> dict[str, Any]:
        """What a SQLAlchemy column takes as `info=`."""
        return {"class": self.name}


C0 = FieldClass("C0")
C1 = FieldClass("C1")
C2 = FieldClass("C2")
C3 = FieldClass("C3")
C4 = FieldClass("C4")
K = FieldClass("K")

CLASSES = {c.name: c for c in (C0, C1, C2, C3, C4, K)}
EVENTS_MAY_CARRY = frozenset({C0, C1, C2})
