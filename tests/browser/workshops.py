"""Training alone, served to a browser; its clock, its mail and its trainer are the test's own."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from cri_shared import clock
from playwright.sync_api import Browser, Page

from tests.browser.serving import PHONE, Serving, serving
from tests.training.conftest import NOW, Training, link_in, start, text_of


@dataclass
class Served(Serving[Training]):
    """A training service that browsers reach."""

    @property
    def training(self) -> Training:
        """The service itself."""
        return self.started

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

    @asynccontextmanager
    async def begin(url: str) -> AsyncIterator[Training]:
        with clock.frozen(NOW):
            async for training in start(directory, public_url=url):
                yield training

    with serving(begin) as here:
        yield Served(here.url, here.started, here.loop)
