"""What lists and changes are narrowed to: a country, and topics or whole groups of them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, String, cast, or_, true

from cri_publishing.models import Entry, EntryStatus, Question, Version
from cri_publishing.models.entry import PUBLIC


def on_topics(
    table: type[Entry | Version | Question], topics: Sequence[str]
) -> ColumnElement[bool]:
    """Whether a row is on one of these topics, or of these groups; every row where there are none.

    Topics lie in the row as a JSON list, so their quotes end each code.
    """
    parts = [f'"{code}"' if "." in code else f'"{code}.' for code in topics]
    lists = cast(table.topics, String)
    return or_(*(lists.contains(part, autoescape=True) for part in parts)) if parts else true()


def touched(
    country: str, topics: Sequence[str], happened_on: dt.date
) -> tuple[ColumnElement[bool], ...]:
    """The entries whose information is of that day or before, public or being written."""
    known_before = Entry.information_date.is_(None) | (Entry.information_date <= happened_on)
    alive = Entry.status.in_((*PUBLIC, EntryStatus.DRAFT))
    return (Entry.country == country, on_topics(Entry, topics), known_before, alive)


@dataclass(frozen=True)
class Sieve:
    """A country, and a topic or a whole group of them; nothing narrows nothing."""

    country: str = ""
    topic: str = ""

    def of(self, table: type[Entry | Version | Question]) -> list[ColumnElement[bool]]:
        """The conditions on one of our tables."""
        wanted = [table.country == self.country] if self.country else []
        return [*wanted, on_topics(table, [self.topic])] if self.topic else wanted


EVERYTHING = Sieve()
