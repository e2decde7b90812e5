"""Removal: copies that must not lie in a service's own stream any more, deleted by sequence."""

from collections.abc import Callable

import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from cri_shared.bus.topology import stream_of
from cri_shared.clockwork import Clockwork, Job, leave_job
from cri_shared.db.database import Work
from cri_shared.observe import log

REMOVE = "bus.remove"
NO_MESSAGE = 10037  # the server's code: nothing lies, or lies any more, at a sequence


async def leave_removal(work: Work, sequence: int, event_id: str) -> None:
    """Leave a job with this transaction that deletes one copy of an event from the own stream."""
    payload = {"sequence": sequence, "event_id": event_id}
    await leave_job(work.session, work.tables.jobs, REMOVE, f"{sequence}:{event_id}", payload)


class Removal:
    """Does what `leave_removal` left, once NATS answers."""

    def __init__(
        self, service: str, clockwork: Clockwork, client: Callable[[], Client | None]
    ) -> None:
        self._stream = stream_of(service)
        self._client = client
        clockwork.handles(REMOVE, self.remove)

    async def remove(self, job: Job) -> None:
        """Delete one copy where it still lies; the server overwrites what it deletes.

        A stream that was rebuilt has another event at the sequence, and that one stays. Raises
        `nats.errors.Error` where NATS does not do it: the clockwork tries again.
        """
        client = self._client()
        if client is None or not client.is_connected:
            raise nats.errors.ConnectionClosedError
        js = client.jetstream()
        sequence, event_id = job.payload["sequence"], job.payload["event_id"]
        if await self._event_at(js, sequence) == event_id:
            await js.delete_msg(self._stream, sequence)
            log.info("bus.copy.removed", event_id=event_id, stream_sequence=sequence)

    async def _event_at(self, js: JetStreamContext, sequence: int) -> str | None:
        """The id of the event at a sequence, or None where there is none."""
        try:
            message: RawStreamMsg = await js.get_msg(self._stream, sequence)
        except NotFoundError as missing:
            if missing.err_code != NO_MESSAGE:
                raise
            return None
        return (message.headers or {}).get("ce-id")
