"""How the board is narrowed down."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement

from cri_research.models import Question


@dataclass(frozen=True)
class Filters:
    """Which questions of a view: of a country, of a desk (its countries), asked or renewals."""

    country: str = ""
    desk: frozenset[str] | None = None  # countries; None: of every desk
    kind: str = ""  # asked, renewal, or both

    def clauses(self) -> list[ColumnElement[bool]]:
        """What a question must be like."""
        wanted = [Question.country == self.country] if self.country else []
        if self.desk is not None:
            wanted.append(Question.country.in_(self.desk))
        if self.kind == "renewal":
            wanted.append(Question.entry_id.is_not(None))
        if self.kind == "asked":
            wanted.append(Question.entry_id.is_(None))
        return wanted
