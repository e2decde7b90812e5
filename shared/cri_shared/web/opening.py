"""A service opens once what must come first is done, such as forgetting anew what was erased.

Where a store is away then, the process waits for it: it answers for its health, puts off everybody
else, and opens by itself when the store is there.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from cri_shared.db.trouble import is_outage
from cri_shared.errors import Unavailable
from cri_shared.observe import log
from cri_shared.web import failures
from cri_shared.words import N_

FIRST_PAUSE = 0.5
LONGEST_PAUSE = 15.0
ALWAYS_OPEN = ("/health/", "/metrics", "/static/")

Hook = Callable[[], Awaitable[None]]


class NotOpenYet(Unavailable):
    """What must come first could not be done so far."""

    slug = "not-open-yet"
    message = N_("This part is only starting. Try again in a few minutes.")


class Opening:
    """Does each of `steps`, in order, and then calls `start`; again until that succeeds."""

    def __init__(self, steps: Sequence[Hook], start: Callable[[], None]) -> None:
        self._steps = steps
        self._start = start
        self._waiting: asyncio.Task[None] | None = None
        self.is_done = False

    async def begin(self) -> None:
        """Open at once, or wait for what is away; raises what no waiting would mend."""
        if not await self._try():
            self._waiting = asyncio.create_task(self._wait(), name="opening")

    async def close(self) -> None:
        """Wait no longer."""
        if self._waiting is not None:
            self._waiting.cancel()
            await asyncio.gather(self._waiting, return_exceptions=True)

    async def _try(self) -> bool:
        try:
            for step in self._steps:
                await step()
        except Exception as trouble:
            if not is_outage(trouble):
                raise
            log.warning("opening.waits", error=type(trouble).__name__)
            return False
        self._start()
        self.is_done = True
        return True

    async def _wait(self) -> None:
        pause = FIRST_PAUSE
        while True:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)
            try:
                if await self._try():
                    log.info("opening.done")
                    return
            except Exception as trouble:  # it may be half there: whoever looks reads this
                log.error("opening.failed", error=type(trouble).__name__)


class Closed:
    """Puts off every request but those of programs that ask how the process is, until it opens."""

    def __init__(self, app: ASGIApp, opening: Opening) -> None:
        self._app = app
        self._opening = opening

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_open = self._opening.is_done or scope["type"] != "http"
        if is_open or scope["path"].startswith(ALWAYS_OPEN):
            await self._app(scope, receive, send)
        else:
            answer = await failures.refused(Request(scope, receive), NotOpenYet())
            await answer(scope, receive, send)
