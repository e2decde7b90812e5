"""Research's own metadata, with the tables that every service has."""

from cri_shared.db import NAMING, Messaging
from cri_shared.privacy.classes import C4
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Research's own metadata."""

    metadata = MetaData(naming_convention=NAMING)


messaging = Messaging(Base.metadata, mailed=C4)
