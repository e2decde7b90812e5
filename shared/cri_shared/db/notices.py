"""Notices: who commits work wakes the process that does it, whichever of them that is.

PostgreSQL carries them (LISTEN and NOTIFY). SQLite cannot; there, and while a connection is lost,
the look that every listener takes now and then must do. It sees at once whether there is anything
to look for.
"""

from collections.abc import Callable
from typing import Any, Literal

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from cri_shared.db.inserting import Where, dialect_of

Channel = Literal["cri_outbox", "cri_jobs"]
OUTBOX: Channel = "cri_outbox"
JOBS: Channel = "cri_jobs"


async def notify(where: Where, channel: Channel) -> None:
    """Wake the listeners of a channel once the transaction at hand is committed."""
    if dialect_of(where) == "postgresql":
        await where.execute(text(f"NOTIFY {channel}"))


async def listen(connection: AsyncConnection, channel: Channel, wake: Callable[[], None]) -> None:
    """Call `wake` at every notice, and when the connection is lost: its next use then says so."""
    if connection.dialect.name != "postgresql":
        return
    driver = (await connection.get_raw_connection()).driver_connection
    if driver is not None:
        driver.add_termination_listener(lambda *_: wake())
        await driver.add_listener(channel, lambda *_: wake())


async def version_of(connection: AsyncConnection) -> Callable[[], int | None]:
    """Asks for a number that each commit of another connection changes; None where none tells.

    SQLite tells it ten times cheaper than an empty query, which an idle platform would ask all day.
    """
    if connection.dialect.name != "sqlite":
        return lambda: None
    ours: Any = (await connection.get_raw_connection()).dbapi_connection
    told: Callable[[], int] = ours.data_version
    return told
