"""Where entries that searching may find stand: on a shelf for each topic, each group, and for all.

A page about a country or a topic reads a few of its shelf and how many there are; neither takes
longer as the library grows.
"""

import datetime as dt

from cri_shared.privacy.classes import C0
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_search.models.base import Base


class OnShelf(Base):
    """An entry on one of its shelves, with what shelves are ordered by."""

    __tablename__ = "on_shelf"
    __table_args__ = (
        Index("ix_on_shelf_checked", "code", "information_date", "entry_id"),
        Index("ix_on_shelf_checked_there", "code", "country", "information_date", "entry_id"),
        Index("ix_on_shelf_changed", "code", "changed_on", "entry_id"),
        Index("ix_on_shelf_changed_there", "code", "country", "changed_on", "entry_id"),
        kept(
            "lists by topic and country",
            Ground.NOBODY,
            until="the entry is archived, withdrawn or revised",
        ),
    )

    entry_id: Mapped[str] = mapped_column(
        ForeignKey("entries.entry_id"), primary_key=True, info=C0.info
    )
    code: Mapped[str] = mapped_column(String(60), primary_key=True, info=C0.info)
    country: Mapped[str] = mapped_column(String(2), info=C0.info)
    information_date: Mapped[dt.date] = mapped_column(Date, info=C0.info)
    changed_on: Mapped[dt.date] = mapped_column(Date, info=C0.info)


class ShelfCount(Base):
    """How many entries of a country stand on a shelf, and how often one of them changed."""

    __tablename__ = "shelf_counts"
    __table_args__ = kept("counts by country and topic", Ground.NOBODY)

    code: Mapped[str] = mapped_column(String(60), primary_key=True, info=C0.info)
    country: Mapped[str] = mapped_column(String(2), primary_key=True, info=C0.info)
    entries: Mapped[int] = mapped_column(default=0, info=C0.info)
    changes: Mapped[int] = mapped_column(default=0, info=C0.info)
