"""What lists and changes are narrowed to: a country, and topics or whole groups of them."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cri_shared.places import ALL_TOPICS
from sqlalchemy import ColumnElement, String, cast, or_, true

from cri_publishing.models import Entry, EntryStatus, InView, ViewCount
from cri_publishing.models.entry import PUBLIC


def on_topics(topics: Sequence[str]) -> ColumnElement[bool]:
    """Whether an entry is on one of these topics, or of these groups; any where there are none.

    Topics lie in the row as a JSON list, so their quotes end each code.
    """
    parts = [f'"{code}"' if "." in code else f'"{code}.' for code in topics]
    lists = cast(Entry.topics, String)
    return or_(*(lists.contains(part, autoescape=True) for part in parts)) if parts else true()


def touched(
    country: str, topics: Sequence[str], happened_on: dt.date
) -> tuple[ColumnElement[bool], ...]:
    """The entries whose information is of that day or before, public or being written."""
    known_before = Entry.information_date.is_(None) | (Entry.information_date <= happened_on)
    alive = Entry.status.in_((*PUBLIC, EntryStatus.DRAFT))
    return (Entry.country == country, on_topics(topics), known_before, alive)


@dataclass(frozen=True)
class Sieve:
    """A country, and a topic or a whole group of them; nothing narrows nothing."""

    country: str = ""
    topic: str = ""

    def of(self, table: type[InView | ViewCount]) -> list[ColumnElement[bool]]:
        """The conditions on where things stand, or on how many do."""
        wanted = [table.code == (self.topic or ALL_TOPICS)]
        return [*wanted, table.country == self.country] if self.country else wanted


EVERYTHING = Sieve()
