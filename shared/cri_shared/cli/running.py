"""Verbs that work on a running service's database: the relay alone, and publishing again."""

import asyncio
import datetime as dt
import signal

from sqlalchemy import func, select, update

from cri_shared.bus.connection import connect
from cri_shared.bus.outbox import once_more
from cri_shared.bus.relay import Relay
from cri_shared.service import Service

BY_COMMAND = "command line"  # who did it, for the audit trail


async def relay_only(service: Service) -> None:
    """Publish a service's outbox until the process is told to stop."""
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    await service.announce()
    connecting = asyncio.create_task(connect(service.settings.service, service.settings))
    relay = Relay(
        service.settings.database_url,
        service.database.outbox,
        lambda: connecting.result() if connecting.done() else None,
        service.traces,
        service.settings.limits,
    )
    relay.start()
    await stopped.wait()
    await relay.stop()
    if connecting.done():
        await connecting.result().close()
    connecting.cancel()
    await close(service)


async def replay(service: Service, since: dt.datetime) -> int:
    """Let the relay publish again what was appended since an instant; gives how many rows.

    Rows that NATS refused are tried again too. The events keep their ids and numbers.
    """
    table = service.database.outbox.tables.outbox
    chosen = table.c.created_at >= since
    async with service.database.writing() as work:
        counted = select(func.count()).select_from(table).where(chosen)
        count = (await work.session.execute(counted)).scalar_one()
        await work.session.execute(update(table).where(chosen).values(once_more(table)))
    await close(service)
    return count


async def close(service: Service) -> None:
    """Give back what building a service opened, where it was never started."""
    if service.has_ledger:
        await service.ledger.keys.close()
    await service.database.close()
    await service.identity.close()
    await service.traces.close()
    service.announced.close()
