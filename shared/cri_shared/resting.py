"""Rest: who looks now and then looks when all others do, so that an idle machine wakes once.

Each waking of a process costs a quarter of a millisecond, whatever it does then.
"""

import asyncio
import contextlib
import time

_TOO_SOON = 0.1  # of a pace: a timer that rang a moment early must not ring again at once


async def rest(signal: asyncio.Event, seconds: float) -> None:
    """Wait for a signal, or until the next of the moments that are so many seconds apart.

    These moments are the same in all processes of a machine.
    """
    left = seconds - time.monotonic() % seconds
    if left < seconds * _TOO_SOON:
        left += seconds
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(left):
            await signal.wait()
