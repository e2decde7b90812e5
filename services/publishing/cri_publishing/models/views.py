"""Where things stand in the views of the console, how many stand in each, and how fast texts came.

A view is read along an index and its number is looked up; neither takes longer as the database
grows. What stands in a view is an entry, an answer that was withheld, or a link, by its id.
"""

import datetime as dt
from collections.abc import Iterable

from cri_shared.db import UtcDateTime
from cri_shared.places import ALL_TOPICS
from cri_shared.privacy.classes import C0, C1
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import Date, Index, String, event
from sqlalchemy.orm import Mapped, Session, mapped_column, object_session

from cri_publishing.models.base import Base
from cri_publishing.models.entry import Entry, EntryStatus
from cri_publishing.models.links import Link
from cri_publishing.models.question import Question
from cri_publishing.models.version import Version, VersionState

VERSION_VIEWS = {
    "draft": VersionState.DRAFT,
    "review": VersionState.IN_REVIEW,
    "scheduled": VersionState.SCHEDULED,
}
ENTRY_VIEWS = {
    "published": EntryStatus.PUBLISHED,
    "due": EntryStatus.DUE,
    "archived": EntryStatus.ARCHIVED,
    "withdrawn": EntryStatus.WITHDRAWN,
}
WITHHELD = "withheld"
SOON = "soon"  # of those that are published: to be checked within some days
KNOWN = "known"  # links that an editor leaves as they are
_MOVED = "cri_publishing.moved"  # in what a session knows of itself


class InView(Base):
    """A thing in a view: on all topics together, on each of its own, and on each of their groups.

    The first in a view are those with the earliest `at`.
    """

    __tablename__ = "in_view"
    __table_args__ = (
        Index("ix_in_view_order", "view", "code", "at", "item_id"),
        Index("ix_in_view_order_there", "view", "code", "country", "at", "item_id"),
        Index("ix_in_view_oldest", "country", "code", "information_date"),
        {
            "sqlite_with_rowid": False,
            **kept(
                "lists of what editors have to do, by country and topic",
                Ground.NOBODY,
                until="it leaves the list",
            ),
        },
    )

    item_id: Mapped[str] = mapped_column(String(64), primary_key=True, info=C1.info)
    view: Mapped[str] = mapped_column(String(16), primary_key=True, info=C1.info)
    code: Mapped[str] = mapped_column(
        String(60), primary_key=True, default=ALL_TOPICS, info=C1.info
    )
    country: Mapped[str] = mapped_column(String(2), info=C1.info)
    at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    # of what readers see
    information_date: Mapped[dt.date | None] = mapped_column(Date, info=C0.info)


class ViewCount(Base):
    """How many things of a country and a topic stand in a view."""

    __tablename__ = "view_counts"
    __table_args__ = kept("counts by country and topic", Ground.NOBODY)

    view: Mapped[str] = mapped_column(String(16), primary_key=True, info=C1.info)
    code: Mapped[str] = mapped_column(String(60), primary_key=True, info=C1.info)
    country: Mapped[str] = mapped_column(String(2), primary_key=True, info=C1.info)
    items: Mapped[int] = mapped_column(default=0, info=C1.info)


class PaceCount(Base):
    """How many texts of a month took so many days from the approved answer to their readers."""

    __tablename__ = "pace_counts"
    __table_args__ = kept("how long readers wait for answers, by month", Ground.NOBODY)

    month: Mapped[dt.date] = mapped_column(Date, primary_key=True, info=C1.info)  # its first day
    renewed: Mapped[bool] = mapped_column(primary_key=True, info=C1.info)
    days: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=C1.info)
    texts: Mapped[int] = mapped_column(default=0, info=C1.info)


def midnight(day: dt.date) -> dt.datetime:
    """A day as something is ordered by it."""
    return dt.datetime.combine(day, dt.time.min, dt.UTC)


def link_view(state: str) -> str:
    """The view of links that stand so, or are `KNOWN`."""
    return f"link-{state}"


def moved(session: Session, item_ids: Iterable[str]) -> None:
    """Remember that these may stand elsewhere when the transaction of this session ends."""
    session.info.setdefault(_MOVED, set()).update(item_ids)


def take_moved(session: Session) -> list[str]:
    """What was remembered, in order; it is remembered no longer."""
    found: set[str] = session.info.pop(_MOVED, set())
    return sorted(found)


def _remember(_mapper: object, _connection: object, one: Entry | Version | Question | Link) -> None:
    match one:
        case Entry() | Version():
            item_id = one.entry_id
        case Question():
            item_id = one.research_id
        case Link():
            item_id = one.link_id
    session = object_session(one)
    assert session is not None  # it is written by one
    moved(session, (item_id,))


for _kind in (Entry, Version, Question, Link):
    for _change in ("after_insert", "after_update", "after_delete"):
        event.listen(_kind, _change, _remember)
