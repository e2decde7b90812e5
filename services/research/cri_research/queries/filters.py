"""How the board is narrowed down."""

from dataclasses import dataclass, replace

from sqlalchemy import ColumnElement

from cri_research.models import Question

_RENEWS = {"asked": False, "renewal": True}


@dataclass(frozen=True)
class Filters:
    """Which questions of a view: of a country, of a desk (its countries), asked or renewals."""

    country: str = ""
    desk: frozenset[str] | None = None  # countries; None: of every desk
    kind: str = ""  # asked, renewal, or both

    @property
    def countries(self) -> frozenset[str] | None:
        """Those of which a question must be; None: of any."""
        if not self.country:
            return self.desk
        return frozenset({self.country}) & (self.desk if self.desk is not None else {self.country})

    @property
    def kinds(self) -> tuple["Filters", ...]:
        """The same for each kind of question by itself."""
        if self.kind in _RENEWS:
            return (self,)
        return tuple(replace(self, kind=kind) for kind in _RENEWS)

    def of_kind(self) -> ColumnElement[bool]:
        """Of which kind a question must be; one of both is said, too, as indexes begin with it."""
        return Question.renews.in_([_RENEWS[one.kind] for one in self.kinds])

    def of_countries(self) -> list[ColumnElement[bool]]:
        """Of which countries a question must be."""
        return [] if (of := self.countries) is None else [Question.country.in_(sorted(of))]

    def clauses(self) -> list[ColumnElement[bool]]:
        """What a question must be like."""
        return [self.of_kind(), *self.of_countries()]
