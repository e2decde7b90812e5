"""The metadata of training's tables, with the tables that every service has."""

from cri_shared.db import NAMING, Messaging
from cri_shared.privacy.classes import C3
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Training's own metadata."""

    metadata = MetaData(naming_convention=NAMING)


messaging = Messaging(Base.metadata, mailed=C3)
