"""Where the tables of search's own copy hang together."""

from cri_shared.db import NAMING, Messaging
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Search's own metadata."""

    metadata = MetaData(naming_convention=NAMING)


messaging = Messaging(Base.metadata)
