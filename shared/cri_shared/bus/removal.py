"""Removal: copies that must not lie in a service's own stream any more, deleted by sequence."""

from collections.abc import Callable

import nats.errors
from nats.aio.client import Client
from nats.js import JetStreamContext
from sqlalchemy import Table

from cri_shared.bus.own_stream import message_at, messages
from cri_shared.bus.topology import stream_of
from cri_shared.clockwork import Clockwork, Job, leave_job
from cri_shared.db.database import Work
from cri_shared.db.inserting import Where
from cri_shared.events.headers import ERASED
from cri_shared.observe import log

REMOVE = "bus.remove"
SWEEP = "bus.sweep"


async def leave_removal(work: Work, sequence: int, event_id: str) -> None:
    """Leave a job with this transaction that deletes one copy of an event from the own stream."""
    payload = {"sequence": sequence, "event_id": event_id}
    await leave_job(work.session, work.tables.jobs, REMOVE, f"{sequence}:{event_id}", payload)


async def leave_sweep(where: Where, jobs: Table, subject: str, event_id: str) -> None:
    """Leave a job with the transaction at hand that deletes every copy of an erased event.

    It finds those whose sequence nobody knows: a relay that dies after publishing leaves one, and
    so does a replay. Only when the tombstone has left can there be no more of them.
    """
    await leave_job(where, jobs, SWEEP, event_id, {"subject": subject})


class Removal:
    """Does what `leave_removal` and `leave_sweep` left, once NATS answers.

    Its jobs raise `nats.errors.Error` where NATS does not do it: the clockwork tries again.
    """

    def __init__(
        self, service: str, clockwork: Clockwork, client: Callable[[], Client | None]
    ) -> None:
        self._stream = stream_of(service)
        self._client = client
        clockwork.handles(REMOVE, self.remove)
        clockwork.handles(SWEEP, self.sweep)

    async def remove(self, job: Job) -> None:
        """Delete one copy where it still lies; the server overwrites what it deletes.

        A stream that was rebuilt has another event at the sequence, and that one stays.
        """
        js = self._jetstream()
        sequence, event_id = job.payload["sequence"], job.payload["event_id"]
        message = await message_at(js, self._stream, sequence)
        if message is not None and (message.headers or {}).get("ce-id") == event_id:
            await self._delete(js, sequence, event_id)

    async def sweep(self, job: Job) -> None:
        """Delete what lies in the stream of an erased event, except its tombstone.

        It reads every message of the subject, which the stream keeps for a month.
        """
        js = self._jetstream()
        async for message in messages(js, self._stream, job.payload["subject"]):
            headers = message.headers or {}
            if headers.get("ce-id") == job.key and ERASED not in headers:
                await self._delete(js, message.seq or 0, job.key)

    def _jetstream(self) -> JetStreamContext:
        client = self._client()
        if client is None or not client.is_connected:
            raise nats.errors.ConnectionClosedError
        return client.jetstream()

    async def _delete(self, js: JetStreamContext, sequence: int, event_id: str) -> None:
        await js.delete_msg(self._stream, sequence)
        log.info("bus.copy.removed", event_id=event_id, stream_sequence=sequence)
