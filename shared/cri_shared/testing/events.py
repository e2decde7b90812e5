"""Events in tests: hand one to a service as the bus would, and read what it appended."""

from typing import TypeVar

from sqlalchemy import select

from cri_shared.bus.dead_letters import Letter
from cri_shared.bus.envelope import headers_for
from cri_shared.events import Event
from cri_shared.service import Service

E = TypeVar("E", bound=Event)


async def deliver(service: Service, event: Event, *, version: int | None = None) -> None:
    """Run a service's handler of an event in its transaction, inbox row included."""
    headers = headers_for(event, version=version)
    body = event.model_dump_json().encode()
    await service.consumer.retry(Letter(headers["ce-id"], event.subject, headers, body))


async def emitted(service: Service, event: type[E]) -> list[E]:
    """The events of one kind in a service's outbox that were not erased, oldest first."""
    table = service.database.outbox.tables.outbox
    told = (table.c.subject == event.subject) & table.c.erased_at.is_(None)
    rows = select(table).where(told).order_by(table.c.id)
    async with service.database.reading() as session:
        found = (await session.execute(rows)).all()
    unseal = service.database.outbox.unseal
    return [event.model_validate_json(unseal(row.event_id, row.body)) for row in found]
