"""Everybody who uses the platform at once; each works on until told that the time is over."""

import asyncio
import random
import re
from collections.abc import Awaitable, Callable
from itertools import count
from pathlib import Path

import httpx

from tests.bench.editors import Desk, unheard_of
from tests.bench.living.watch import Watch
from tests.faults.house import House
from tests.faults.neighbours import public_edition
from tests.faults.people import Browser, add_partner, form_token, release
from tests.research.conftest import Phone, letter_of

OFFICERS = 3
PARTNERS = 4
THINKING = 1.0  # seconds between two things that somebody does
_CASE = re.compile(r'href="/console/questions/([\w-]{22})"')
_RESEARCH = re.compile(r'href="/console/questions/([\w-]{16,40})"')
_VIEWS = ("open", "new", "desk", "overdue", "mine", "done")
_BOARD = ("open", "to_review", "with_partner", "overdue")


class People:
    """Officers, partners, a coordinator, editors and a trainer, all watched."""

    def __init__(self, house: House, watch: Watch, seed: int = 2026) -> None:
        self.house = house
        self.watch = watch
        self.done: dict[str, int] = {}  # what was brought to its end, by what it is
        self._dice = random.Random(seed)
        self._browsers: list[Browser] = []
        self._over = asyncio.Event()
        self._in_hand: set[str] = set()  # questions that an officer is busy with

    async def arrive(self) -> list[Callable[[], Awaitable[None]]]:
        """Everybody signs in; gives what each of them does again and again."""
        officers = [await self._staff("intake", "officer", f"officer{n}") for n in range(OFFICERS)]
        coordinator = await self._staff("research", "coordinator", "coordinator")
        for number in range(PARTNERS):
            await add_partner(coordinator, number)
        trainer = await self._staff("training", "trainer", "trainer")
        edition = await public_edition(trainer)
        publishing = self.house.services["publishing"][0]
        desk = await Desk.open(publishing, self.house.nats.url)
        for editor in desk.people:
            self.watch.session(editor.browser.session, "publishing")
        new_words = count()
        return [
            *(lambda one=one: self._officer(one) for one in officers),
            self._partner,
            lambda: self._coordinator(coordinator),
            lambda: self._editors(desk, unheard_of(next(new_words))),
            lambda: self._trainer(trainer, edition),
        ]

    async def work(self, parts: list[Callable[[], Awaitable[None]]], seconds: float) -> None:
        """Let everybody do their part for so long; what fails is noted, and they go on."""

        async def again_and_again(part: Callable[[], Awaitable[None]]) -> None:
            while not self._over.is_set():
                try:
                    await part()
                except Exception as trouble:  # the edge of a person: the others go on
                    self.watch.failures[f"{type(trouble).__name__}: {str(trouble)[:120]}"] += 1
                await self._think()

        tasks = [asyncio.create_task(again_and_again(part)) for part in parts]
        await asyncio.sleep(seconds)
        self._over.set()
        await asyncio.gather(*tasks)
        for browser in self._browsers:
            for kind, times in browser.tries.items():
                if not kind.isdigit():  # what was answered with 5xx is noted already
                    self.watch.failures[kind] += times
            await browser.close()

    async def _think(self) -> None:
        """Wait as somebody who reads, or until all is over."""
        try:
            await asyncio.wait_for(self._over.wait(), self._dice.uniform(0.5, 1.5) * THINKING)
        except TimeoutError:
            return

    async def _staff(self, service: str, role: str, name: str) -> Browser:
        browser = await self.house.staff(service, role, name)
        self.watch.browser(browser.client, service)
        self._browsers.append(browser)
        return browser

    def _count(self, what: str) -> None:
        self.done[what] = self.done.get(what, 0) + 1

    async def _officer(self, browser: Browser) -> None:
        """Look at the queue, open a question of it, and let its research question leave.

        Officers sit in one room: nobody takes what a colleague has before her.
        """
        await browser.ask("GET", f"/console/questions?view={self._dice.choice(_VIEWS)}")
        found = _CASE.findall((await browser.ask("GET", "/console/questions?view=new")).text)
        free = [one for one in found if one not in self._in_hand]
        if not free:
            return
        question_id = self._dice.choice(free)
        self._in_hand.add(question_id)
        await browser.ask("GET", f"/console/questions/{question_id}")
        await release(browser, question_id)
        self._count("released")

    async def _partner(self) -> None:
        """Every partner opens what is new in the mailbox, and answers."""
        mails = self.house.directory / "house" / "mail"
        for mail in sorted(mails.glob("*.eml")):
            if self._over.is_set():
                return
            raw = await asyncio.to_thread(_taken, mail)
            if b"@partner.example" not in raw:
                continue
            url = self.house.research.url
            async with httpx.AsyncClient(base_url=url, timeout=30) as client:
                self.watch.browser(client, "research")
                phone = Phone(client)
                opened = await phone.open(letter_of(raw))
                if opened.status_code == 303 and (await phone.answer()).status_code == 303:
                    self._count("answered")
            await self._think()

    async def _coordinator(self, browser: Browser) -> None:
        """Look at the board and at one question."""
        view = self._dice.choice(_BOARD)
        board = await browser.ask("GET", f"/console/questions?view={view}")
        if found := _RESEARCH.findall(board.text):
            await browser.ask("GET", f"/console/questions/{self._dice.choice(found)}")

    async def _editors(self, desk: Desk, word: str) -> None:
        """Bring an approved answer to the public."""
        await desk.publish(await desk.prepare(word))
        self._count("published")

    async def _trainer(self, browser: Browser, edition: str) -> None:
        """Look at a workshop, for which somebody asks for a place."""
        await browser.ask("GET", f"/console/editions/{edition}")
        url = self.house.services["training"][0].url
        visitor = Browser([url])
        self.watch.browser(visitor.client, "training")
        path = f"/en/sign-up/{edition}"
        form = {
            "form_token": await form_token(visitor, path),
            "name": "Noor",
            "organisation": "Voorbeeldhuis",
            "email": f"noor{self.done.get('signed up', 0)}@example.org",
            "language": "en",
        }
        await visitor.ask("POST", path, data=form)
        self._count("signed up")
        await visitor.close()


def _taken(mail: Path) -> bytes:
    """What a mail says; it is out of the mailbox then."""
    raw = mail.read_bytes()
    mail.unlink()
    return raw
