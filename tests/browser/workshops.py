"""Training alone, served to a browser; its clock, its mail and its trainer are the test's own."""

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import uvicorn
from cri_shared import clock
from playwright.sync_api import Browser, Page, ViewportSize

from tests.training.conftest import NOW, Training, link_in, start, text_of

T = TypeVar("T")
PHONE: ViewportSize = {"width": 390, "height": 844}


@dataclass
class Served:
    """A training service that browsers reach."""

    url: str
    training: Training
    loop: asyncio.AbstractEventLoop

    def do(self, what: Coroutine[Any, Any, T]) -> T:
        """Let something happen in the service, and wait until it has."""
        return asyncio.run_coroutine_threadsafe(what, self.loop).result(60)

    def mail_to(self, email: str) -> str:
        """The words of the newest mail to somebody."""
        return self.do(self.training.mail_to(email))

    def link_to(self, email: str, which: str = "sign-up/confirm") -> str:
        """The address of a page, in the newest mail to somebody that has one."""
        texts = map(text_of, reversed(self.do(self.training.mails_to(email))))
        return self.url + link_in(next(text for text in texts if f"/{which}/" in text), which)

    def phone(self, browser: Browser, *, script: bool, trainer: bool = False) -> Page:
        """Somebody's phone, on which the trainer is signed in or nobody."""
        context = browser.new_context(java_script_enabled=script, viewport=PHONE)
        if trainer:
            name = self.training.rig.settings.cookie_name
            value = self.training.client.cookies[name]
            context.add_cookies([{"name": name, "value": value, "url": self.url}])
        return context.new_page()


@contextmanager
def served(directory: Path) -> Iterator[Served]:
    """A training service on a free port, on a Wednesday morning."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    up: list[Served] = []
    ready, over = threading.Event(), threading.Event()
    serving = threading.Thread(
        target=lambda: asyncio.run(_serve(directory, url, up, ready, over)), daemon=True
    )
    serving.start()
    assert ready.wait(60)
    try:
        yield up[0]
    finally:
        over.set()
        serving.join()


async def _serve(
    directory: Path, url: str, up: list[Served], ready: threading.Event, over: threading.Event
) -> None:
    with clock.frozen(NOW):
        async for training in start(directory, public_url=url):
            port = int(url.rpartition(":")[2])
            config = uvicorn.Config(training.app, port=port, lifespan="off", log_level="error")
            server = uvicorn.Server(config)
            serving = asyncio.create_task(server.serve())
            while not server.started:  # noqa: ASYNC110 - uvicorn tells it in no other way
                await asyncio.sleep(0.01)
            up.append(Served(url, training, asyncio.get_running_loop()))
            ready.set()
            await asyncio.to_thread(over.wait)
            server.should_exit = True
            await serving
