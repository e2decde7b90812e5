"""One service alone, served to a browser from a thread of this process."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

import uvicorn
from fastapi import FastAPI
from playwright.sync_api import ViewportSize


class Started(Protocol):
    """What a suite keeps of a service that it started."""

    app: FastAPI


S = TypeVar("S", bound=Started)
T = TypeVar("T")
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass
class Serving(Generic[S]):
    """A service that browsers reach."""

    url: str
    started: S
    loop: asyncio.AbstractEventLoop

    def do(self, what: Coroutine[Any, Any, T]) -> T:
        """Let something happen in the service, and wait until it has."""
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(60)


@contextmanager
def serving(start: Callable[[str], AbstractAsyncContextManager[S]]) -> Iterator[Serving[S]]:
    """What is started for the address of a free port, served there meanwhile."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    up: list[Serving[S]] = []
    ready, over = threading.Event(), threading.Event()

    async def serve() -> None:
        async with start(url) as started:
            port = int(url.rpartition(":")[2])
            config = uvicorn.Config(started.app, port=port, lifespan="off", log_level="error")
            server = uvicorn.Server(config)
            task = asyncio.create_task(server.serve())
            while not server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
                await asyncio.sleep(0.01)
            up.append(Serving(url, started, asyncio.get_running_loop()))
            ready.set()
            await asyncio.to_thread(over.wait)
            server.should_exit = True
            await task

    thread = threading.Thread(target=lambda: asyncio.run(serve()), daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        yield up[0]
    finally:
        over.set()
        thread.join()
