"""Patience: a migration waits a little for its locks, several times, and then gives up.

Who waits for a table's lock makes everybody wait who comes after. So a migration waits for seconds,
lets them through for as long, and tries again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from cri_shared.db.limits import Limits
from cri_shared.db.trouble import is_busy

T = TypeVar("T")
EXIT_STATUS = 75  # of a command whose migration was blocked: EX_TEMPFAIL, it may be tried again
_LONGEST = text(
    "SELECT application_name, pid, state, extract(epoch FROM now() - xact_start)::int AS seconds"
    " FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    " AND xact_start IS NOT NULL ORDER BY xact_start LIMIT 3"
)


class MigrationBlocked(Exception):
    """A migration did not get what it needs, a lock or the database; nothing was changed."""

    @classmethod
    def unreached(cls, database: str | None, why: BaseException | None) -> "MigrationBlocked":
        """The database gave no connection, and said why."""
        reason = str(why) or type(why).__name__
        return cls(
            f"The database {database} was not reached: {reason.rstrip('.')}. "
            "Nothing was changed: try again later."
        )


@dataclass(frozen=True)
class Patience:
    """How long a migration waits for a lock each time, and how often it tries."""

    lock_seconds: float = 5.0
    tries: int = 5

    @classmethod
    def told(cls, environment: Mapping[str, str]) -> "Patience":
        """As the environment says; raises `ValueError` where that is no number above nothing."""
        seconds = environment.get("CRI_MIGRATION_LOCK_SECONDS", str(cls.lock_seconds))
        tries = environment.get("CRI_MIGRATION_TRIES", str(cls.tries))
        try:
            patience = cls(float(seconds), int(tries))
        except ValueError:
            patience = cls(0, 0)
        if not (0 < patience.lock_seconds < float("inf") and patience.tries > 0):
            names = "CRI_MIGRATION_LOCK_SECONDS and CRI_MIGRATION_TRIES"
            raise ValueError(f"{names} must be numbers above 0") from None
        return patience

    @property
    def limits(self) -> Limits:
        """Of the migration's own connections: whatever takes long once it has its lock, may."""
        return Limits(name="cri-migrate", lock=self.lock_seconds, statement=0, idle=0)

    async def outlast(self, engine: AsyncEngine, attempt: Callable[[], Awaitable[T]]) -> T:
        """Try until an attempt is not refused its lock; raises `MigrationBlocked`."""
        for number in range(1, self.tries + 1):
            try:
                return await attempt()
            except DBAPIError as trouble:
                if not is_busy(trouble):
                    raise
            if number < self.tries:
                await asyncio.sleep(self.lock_seconds)
        raise MigrationBlocked(
            f"The migration found its tables locked, {self.tries} times for "
            f"{self.lock_seconds:g} seconds, and changed nothing. {await _who(engine)}"
            "Services go on as they are: try again later."
        )


async def _who(engine: AsyncEngine) -> str:
    """The transactions that are open longest, as far as the database tells."""
    if engine.dialect.name != "postgresql":
        return ""
    async with engine.connect() as connection:
        rows = (await connection.execute(_LONGEST)).all()
    open_ones = [
        f"{row.application_name or 'unnamed'} (process {row.pid}, {row.state}, {row.seconds} s)"
        for row in rows
    ]
    return f"Open longest: {', '.join(open_ones)}. " if open_ones else ""
