"""The metadata that all of intake's tables share."""

from cri_shared.db import NAMING, Messaging
from cri_shared.privacy.classes import C3
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Intake's own metadata."""

    metadata = MetaData(naming_convention=NAMING)


messaging = Messaging(Base.metadata, mailed=C3)
