"""The HTTP server of a process: uvicorn, told when to stop instead of asking all day."""

import asyncio
import contextlib
import gc
import signal
import time
from email.utils import formatdate
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.server import ServerState

Headers = list[tuple[bytes, bytes]]


class _State(ServerState):
    """What the connections of a server share; the header Date is written when an answer needs it.

    uvicorn writes it every second, whether anybody asks or not.
    """

    def __init__(self) -> None:
        self._second = 0
        self._fixed: Headers = []
        self._headers: Headers = []
        super().__init__()

    @property
    def default_headers(self) -> Headers:
        """The headers of an answer that is given now."""
        second = int(time.time())  # noqa: TID251 - caches compare it with the real time
        if second != self._second:
            self._second = second
            self._headers = [(b"date", formatdate(second, usegmt=True).encode()), *self._fixed]
        return self._headers

    @default_headers.setter
    def default_headers(self, fixed: Headers) -> None:
        self._fixed, self._second = fixed, 0


class Server(uvicorn.Server):
    """uvicorn looks ten times a second whether to stop; idle processes should sleep."""

    def __init__(
        self, app: ASGIApp, *, host: str, port: int, trusted_proxies: str = "", **more: Any
    ) -> None:
        """`trusted_proxies` are networks by commas; `more` as in `uvicorn.Config`."""
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,  # addresses and paths are not ours to keep
            server_header=False,
            proxy_headers=bool(trusted_proxies),  # anybody can send them
            forwarded_allow_ips=trusted_proxies,
            **more,
        )
        super().__init__(config)
        self.server_state = _State()
        self._told = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None

    async def main_loop(self) -> None:
        """Serve until told to stop."""
        self._loop = asyncio.get_running_loop()
        self.server_state.default_headers = self.config.encoded_headers
        _keep_what_is_loaded()
        while not self.should_exit:
            await self._told.wait()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop because of a signal."""
        super().handle_exit(signal.Signals(sig), frame)
        self._wake()

    def stop(self) -> None:
        """Stop; may be called from any thread."""
        self.should_exit = True
        self._wake()

    def _wake(self) -> None:
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._told.set)


def _keep_what_is_loaded() -> None:
    """Let the garbage collector pass over what the process holds for its whole life.

    Looking through every module, model and route stopped all requests for 60 to 130 ms, each time.
    """
    gc.collect()
    gc.freeze()


def serve(app: ASGIApp, *, host: str, port: int, trusted_proxies: str = "") -> None:
    """Serve until SIGINT or SIGTERM, then let what is under way end.

    Ends the process with status 3 where the app did not start or its port could not be had.
    """
    settings = {"loop": "uvloop", "timeout_graceful_shutdown": 10}
    server = Server(app, host=host, port=port, trusted_proxies=trusted_proxies, **settings)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        raise SystemExit(3)
