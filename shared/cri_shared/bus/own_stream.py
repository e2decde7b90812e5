"""A service's own stream, read message by message: the only stream that it may look into."""

from collections.abc import AsyncIterator

from nats.js import JetStreamContext
from nats.js.api import RawStreamMsg
from nats.js.errors import NotFoundError

NO_MESSAGE = 10037  # the server's code: nothing lies, or lies any more, at a sequence


async def message_at(
    js: JetStreamContext, stream: str, sequence: int, subject: str | None = None
) -> RawStreamMsg | None:
    """What lies at a sequence (of a subject: there, or next after it); None for nothing."""
    try:
        return await js.get_msg(stream, sequence, subject, next=subject is not None)
    except NotFoundError as missing:
        if missing.err_code != NO_MESSAGE:
            raise
        return None


async def messages(
    js: JetStreamContext, stream: str, subject: str, *, after: int = 0
) -> AsyncIterator[RawStreamMsg]:
    """Every message of a subject, wildcards included, behind a sequence."""
    while (message := await message_at(js, stream, after + 1, subject)) is not None:
        yield message
        after = message.seq or 0
