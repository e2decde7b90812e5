"""Views of the queue that officers saved under a name of their own."""

import datetime as dt

from cri_shared.db import UtcDateTime
from cri_shared.errors import Invalid
from cri_shared.privacy.classes import C1
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.words import N_
from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cri_intake.models.base import Base
from cri_intake.rules import UNUSED_VIEW_DAYS


class ViewNameTaken(Invalid):
    """The officer has another view of this name."""

    slug = "view-name-taken"
    message = N_("You have another view of this name. Choose another name, or remove that one.")


class TooManyViews(Invalid):
    """The officer has as many views as one can have."""

    slug = "too-many-views"
    message = N_("You have 20 views, which is the most. Remove one that you do not use.")


class SavedView(Base):
    """What an officer called an address of the queue: `address` is its query, without a page."""

    __tablename__ = "saved_views"
    __table_args__ = (
        UniqueConstraint("staff_id", "name"),
        kept(
            "an officer finds the questions again that they look at often",
            Ground.INTEREST,
            until="after it was opened last, or when its officer removes it",
            span=UNUSED_VIEW_DAYS,
            duty="retention.saved-views",
        ),
    )

    staff_id: Mapped[str] = mapped_column(String(32), primary_key=True, info=C1.info)
    address: Mapped[str] = mapped_column(String(400), primary_key=True, info=C1.info)
    name: Mapped[str] = mapped_column(String(40), info=C1.info)
    used_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, index=True, info=C1.info)
