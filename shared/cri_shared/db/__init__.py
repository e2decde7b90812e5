"""Databases: one engine factory, one transaction per request or message, alembic by command."""

from cri_shared.db.columns import BigId, UtcDateTime, new_id
from cri_shared.db.database import Database, Work
from cri_shared.db.engine import make_engine
from cri_shared.db.glances import Glance, Seek
from cri_shared.db.limits import Limits
from cri_shared.db.puts import Put
from cri_shared.db.tables import NAMING, Messaging

__all__ = [
    "NAMING",
    "BigId",
    "Database",
    "Glance",
    "Limits",
    "Messaging",
    "Put",
    "Seek",
    "UtcDateTime",
    "Work",
    "make_engine",
    "new_id",
]
