"""Keeping: every table says why it is kept, on which ground, for how long, and what ends it."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from cri_shared.privacy.stores import Store


class Ground(StrEnum):
    """The legal ground that the makers propose; the controller's DPO decides."""

    CONSENT = "consent of the asker, GDPR 6.1.a and 9.2.a"
    AGREEMENT = "agreement with the partner, GDPR 6.1.b"
    REQUEST = "the person's own request, GDPR 6.1.b"
    INTEREST = "safe and accountable work, GDPR 6.1.f"
    NOBODY = "about no person"


@dataclass(frozen=True)
class Setting:
    """A length of time that an operator sets: the name of a setting that counts days."""

    name: str


Span = int | dt.timedelta | Setting  # days, a length of time, or a setting


@dataclass(frozen=True)
class Ending:
    """One more way in which rows end: a span after a moment, by the work that a duty does."""

    until: str
    span: Span
    duty: str


@dataclass(frozen=True)
class Kept:
    """What is promised of the rows of one table; without `until` nothing ends them.

    `until` says what does, and with a `span` it goes on from that: "30 days" "after it was
    published". `duty` is the name of the work that the clockwork does for it. `owed` says what the
    rules on keeping demand and no code does yet.
    """

    why: str
    ground: Ground
    until: str | None = None
    then: str = "deleted"
    span: Span | None = None
    duty: str | None = None
    owed: str | None = None
    also: tuple[Ending, ...] = ()

    @property
    def duties(self) -> frozenset[str]:
        """The work that the clockwork does for it."""
        own = () if self.duty is None else (self.duty,)
        return frozenset((*own, *(ending.duty for ending in self.also)))

    def __post_init__(self) -> None:
        if (self.span is None) != (self.duty is None):
            raise ValueError("a span of time needs the duty that ends it, and the other way round")
        if self.until is None and (self.span is not None or self.then != "deleted"):
            raise ValueError("what ends, and how, needs words on when")


def kept(
    why: str,
    ground: Ground,
    *,
    until: str | None = None,
    then: str = "deleted",
    span: Span | None = None,
    duty: str | None = None,
    owed: str | None = None,
    also: tuple[Ending, ...] = (),
    store: Store | None = None,
) -> dict[str, Any]:
    """What a table takes as its arguments (`__table_args__`): the promise about its rows.

    `store` is where a table belongs that does not follow the rules of its database.
    """
    info: dict[str, Any] = {"kept": Kept(why, ground, until, then, span, duty, owed, also)}
    return {"info": info if store is None else {**info, "store": store}}


def unkept(metadata: sa.MetaData) -> list[str]:
    """The tables that say nothing of why and how long they are kept."""
    return [table.name for table in metadata.sorted_tables if "kept" not in table.info]
