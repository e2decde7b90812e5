"""Training alone, served to a browser; its clock, its mail and its trainer are the test's own."""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cri_shared import clock
from playwright.sync_api import Browser, Page, expect

from tests.browser.serving import PHONE, Serving, serving
from tests.browser.visiting import open_page
from tests.browser.working import fits, follow, right
from tests.training.conftest import NOW, Training, link_in, start, text_of

WAYS = pytest.mark.parametrize("script", [True, False], ids=["with script", "without script"])


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


@dataclass
class Somebody:
    """A person with a phone, who is shut out of no page that they come to."""

    here: Served
    page: Page
    find_wrong: Callable[[Page], None]

    def looks(self) -> None:
        """Look at the page that is open at every width; it is a phone's again afterwards."""
        self.find_wrong(self.page)
        self.page.set_viewport_size(PHONE)

    def at(self, address: str) -> None:
        """Open a page that is to be looked at."""
        open_page(self.page, address)
        self.looks()

    def goes(self, name: str) -> None:
        """Follow a link."""
        follow(self.page, self.page.get_by_role("link", name=name).first)
        self.looks()

    def presses(self, name: str) -> None:
        """Press a button that leads to another page."""
        follow(self.page, self.page.locator("main").get_by_role("button", name=name))
        self.looks()

    def unfolds(self, name: str) -> None:
        """Open what is folded away."""
        self.page.locator("main summary", has_text=name).click()

    def reads(self, *words: str) -> None:
        """Find words on the page that is open."""
        for one in words:
            expect(self.page.locator("main")).to_contain_text(one)

    def fills(self, **fields: str) -> None:
        """Type into fields by their names."""
        for name, text in fields.items():
            self.page.fill(f"main [name={name}]", text)

    def signs_up(self, name: str, email: str) -> None:
        """Fill in the form of a workshop, once too little; prove the address by the code."""
        self.presses("Continue")
        self.reads("Write your name", "Write your e-mail address")
        self.fills(name=name, organisation="Voorbeeldhuis", email=email, needs="Large print")
        self.presses("Continue")
        self.fills(code="12")
        self.presses("Confirm")
        self.reads("This is not the code that we sent.")
        code = re.search(r"\b\d{3} \d{3}\b", self.here.mail_to(email))
        assert code is not None
        self.fills(code=code[0])
        self.presses("Confirm")


def somebody(here: Served, browser: Browser, *, script: bool, trainer: bool = False) -> Somebody:
    """Another person with a phone of their own; on the trainer's the trainer is signed in."""
    page = here.phone(browser, script=script, trainer=trainer)
    return Somebody(here, page, right if script else fits)
