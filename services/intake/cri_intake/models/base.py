"""The metadata that all of intake's tables share."""

from cri_shared.db import NAMING, Messaging
from cri_shared.privacy.classes import C3
from sqlalchemy import MetaData, Table
from sqlalchemy.orm import DeclarativeBase


class Base(DeclarativeBase):
    """Intake's own metadata."""

    metadata = MetaData(naming_convention=NAMING)


messaging = Messaging(Base.metadata, mailed=C3)


def table_of(model: type[Base]) -> Table:
    """The table of a model, for what is done with every question: rows, and no objects."""
    assert isinstance(model.__table__, Table)
    return model.__table__
