"""How an answer stands: what a reader is told about it beside its words."""

import datetime as dt
from enum import StrEnum


class State(StrEnum):
    """Where an entry is in its public life."""

    PUBLISHED = "published"
    ARCHIVED = "archived"
    WITHDRAWN = "withdrawn"


def is_due(review_by: dt.date, today: dt.date) -> bool:
    """Whether an answer should have been checked again by now."""
    return review_by < today


def labels_of(
    outcome: str, *, single_source: bool, due: bool, archived: bool = False
) -> tuple[str, ...]:
    """The labels of an answer, most serious first; an answer that was found needs none."""
    told = ["archived"] if archived else []
    if due:
        told.append("due")
    if outcome != "found":
        told.append(outcome)
    if single_source:
        told.append("single_source")
    return tuple(told)
