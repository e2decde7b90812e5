"""Search's tables; their methods change state and may refuse."""

from cri_shared.db import NAMING, Messaging
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Search's own metadata."""

    metadata = MetaData(naming_convention=NAMING)


messaging = Messaging(Base.metadata)
