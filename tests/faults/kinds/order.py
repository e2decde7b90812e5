"""Messages that come again, and messages that come in another order."""

import asyncio
import json
import random
from dataclasses import dataclass, field
from uuid import uuid4

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

from tests.faults.house import House
from tests.faults.kinds.fault import InOnePlace

TIMES = 10
AGAIN = "again-"  # the message ids of what was repeated begin so; nothing is repeated from it
FAR = "2100-01-01T00:00:00Z"


@dataclass
class Repeated(InOnePlace):
    """Every message of every stream is published ten times more, as no repeat that NATS knows."""

    place: str = "nats"
    name: str = f"duplicates x{TIMES}"
    lasts: tuple[float, float] = (0.0, 0.5)
    messages: int = field(default=0, init=False)
    _done: dict[str, int] = field(default_factory=dict, init=False)

    async def inject(self, house: House, _dice: random.Random) -> None:
        """Repeat what came since the last time."""
        async with house.jetstream() as js:
            for stream in await js.streams_info():
                name, last = str(stream.config.name), stream.state.last_seq
                for message in await _messages(js, name, self._done.get(name, 0) + 1, last):
                    if not _message_id(message).startswith(AGAIN):
                        self.messages += 1
                        again = [AGAIN + uuid4().hex for _ in range(TIMES)]
                        await asyncio.gather(*(_publish(js, message, one) for one in again))
                self._done[name] = last

    async def heal(self, _house: House) -> None:
        """Nothing: they are there now."""


@dataclass
class Shuffled(InOnePlace):
    """What comes while it lasts is delivered afterwards, in an order of chance."""

    place: str = "nats"
    name: str = "reordering"
    lasts: tuple[float, float] = (2.0, 5.0)
    _dice: random.Random = field(default_factory=random.Random, init=False)

    async def inject(self, house: House, dice: random.Random) -> None:
        """Let the streams deliver nothing for a while."""
        self._dice = dice
        async with house.connected() as client:
            for stream, durable in house.durables:
                await _pause(client, stream, durable, {"pause_until": FAR})

    async def heal(self, house: House) -> None:
        """Put what has not been delivered in another order, and deliver it."""
        async with house.connected() as client:
            for stream in {stream for stream, _ in house.durables}:
                await self._shuffle(client.jetstream(), stream, house)
            for stream, durable in house.durables:
                await _pause(client, stream, durable, {})

    async def _shuffle(self, js: JetStreamContext, stream: str, house: House) -> None:
        ours = [durable for of, durable in house.durables if of == stream]
        delivered = [(await js.consumer_info(stream, one)).delivered.stream_seq for one in ours]
        last = (await js.stream_info(stream)).state.last_seq
        waiting = await _messages(js, stream, max(delivered) + 1, last)
        for message in self._dice.sample(waiting, len(waiting)):
            await _publish(js, message, AGAIN + uuid4().hex)
        for message in waiting:
            await js.delete_msg(stream, message.seq or 0)


async def _messages(js: JetStreamContext, stream: str, first: int, last: int) -> list[RawStreamMsg]:
    found = []
    for sequence in range(first, last + 1):
        try:
            found.append(await js.get_msg(stream, sequence))
        except NotFoundError:
            continue
    return found


def _message_id(message: RawStreamMsg) -> str:
    return str((message.headers or {}).get("Nats-Msg-Id", ""))


async def _publish(js: JetStreamContext, message: RawStreamMsg, message_id: str) -> None:
    kept = {k: v for k, v in (message.headers or {}).items() if not k.startswith("Nats-")}
    headers = {**kept, "Nats-Msg-Id": message_id}
    await js.publish(str(message.subject), message.data or b"", headers=headers)


async def _pause(client: Client, stream: str, durable: str, until: dict[str, str]) -> None:
    subject = f"$JS.API.CONSUMER.PAUSE.{stream}.{durable}"
    answer = await client.request(subject, json.dumps(until).encode(), timeout=5)
    if "error" in json.loads(answer.data):
        raise NatsError(answer.data.decode())
