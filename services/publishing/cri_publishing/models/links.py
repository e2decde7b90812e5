"""The web pages that entries cite and listings name: whether they stand, and what they said."""

import datetime as dt
from enum import StrEnum

from cri_shared import clock
from cri_shared.db import UtcDateTime, new_id
from cri_shared.db.some import index_of_some
from cri_shared.privacy.classes import C0, C1
from cri_shared.privacy.keeping import Ground, kept
from sqlalchemy import Date, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cri_publishing.models.base import Base

FAILURES_TO_BE_GONE = 2  # a server that is away for a day is not gone
TRY_AGAIN = dt.timedelta(days=1)


class LinkState(StrEnum):
    """How a cited page stood when it was last looked at."""

    NEW = "new"  # nobody has looked yet
    GOOD = "good"
    CHANGED = "changed"  # it says something else than when it was cited
    FAILING = "failing"  # it did not answer once
    GONE = "gone"


class Link(Base):
    """One web address that a public entry cites, or that readers find at a contact or programme."""

    __tablename__ = "links"
    __table_args__ = (
        UniqueConstraint("entry_id", "url"),
        UniqueConstraint("listing_id", "url"),
        # One for each kind of view: where a column is null, PostgreSQL does not take rows in the
        # order of those that follow, and would sort all links of a state for each page.
        *(
            index_of_some(name, which, *columns)
            for name, columns, which in (
                ("ix_links_view", ("state", "url", "link_id"), "known_on IS NULL"),
                ("ix_links_known", ("url", "link_id"), "known_on IS NOT NULL"),
            )
        ),
        kept(
            "whether the web pages that readers are sent to still stand",
            Ground.NOBODY,
            until="the entry or listing names it no more",
        ),
    )

    link_id: Mapped[str] = mapped_column(String(32), primary_key=True, default=new_id, info=C1.info)
    entry_id: Mapped[str | None] = mapped_column(ForeignKey("entries.entry_id"), info=C0.info)
    listing_id: Mapped[str | None] = mapped_column(ForeignKey("listings.listing_id"), info=C0.info)
    url: Mapped[str] = mapped_column(Text, index=True, info=C0.info)
    state: Mapped[str] = mapped_column(String(8), default=LinkState.NEW, info=C1.info)
    next_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, index=True, info=C1.info)
    looked_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    status: Mapped[int | None] = mapped_column(Integer, info=C1.info)  # of the last answer
    trouble: Mapped[str | None] = mapped_column(String(16), info=C1.info)  # instead of an answer
    failures: Mapped[int] = mapped_column(default=0, info=C1.info)
    # SHA-256 of what the page said when it was first looked at, or last found the same
    snapshot: Mapped[str | None] = mapped_column(String(64), info=C1.info)
    snapshot_on: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    latest: Mapped[str | None] = mapped_column(String(64), info=C1.info)
    known_on: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)  # an editor leaves it so

    def answered(self, status: int, snapshot: str, after: dt.timedelta) -> None:
        """It stands; look again after some time."""
        self._looked(status, None, after)
        self.failures, self.latest = 0, snapshot
        if self.snapshot is None:
            self.snapshot, self.snapshot_on = snapshot, clock.today()
        same = snapshot == self.snapshot
        self.state = LinkState.GOOD if same else LinkState.CHANGED
        if same:
            self.known_on = None

    def failed(self, status: int | None, trouble: str | None, after: dt.timedelta) -> None:
        """It did not answer, or with an error: once may be chance."""
        self.failures += 1
        gone = self.failures >= FAILURES_TO_BE_GONE
        self._looked(status, trouble, after if gone else min(after, TRY_AGAIN))
        self.state = LinkState.GONE if gone else LinkState.FAILING

    def _looked(self, status: int | None, trouble: str | None, after: dt.timedelta) -> None:
        now = clock.now()
        self.status, self.trouble = status, trouble
        self.looked_at, self.next_at = now, now + after

    def leave_so(self) -> None:
        """An editor looked: it still carries the answer, or it stays cited although it is gone."""
        if self.state == LinkState.CHANGED:
            self.snapshot, self.snapshot_on = self.latest, clock.today()
            self.state = LinkState.GOOD
        else:
            self.known_on = clock.today()
