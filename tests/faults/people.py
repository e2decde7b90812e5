"""The people of a fault run: they use only HTTP, and try again when nobody answers."""

import asyncio
import contextlib
import itertools
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx
from sqlalchemy.exc import SQLAlchemyError

from tests.intake.desk import CHECKED, TEXT, TRIAGE

PATIENCE = 90.0
CONSENTED = "2026-11-20T10:00:00+01:00"
Session = Callable[[], Awaitable[tuple[str, str]]]


class NobodyAnswers(Exception):
    """A service stayed away longer than anybody would wait."""


class Browser:
    """Talks to the replicas of one service in turn; a failed try is made again."""

    def __init__(self, urls: Sequence[str]) -> None:
        self._urls = itertools.cycle(urls)
        self.client = httpx.AsyncClient(timeout=10)
        self._sign_in: Session | None = None
        self._cookie = self._csrf = ""
        self.tries: Counter[str] = Counter()

    @classmethod
    async def of_staff(cls, urls: Sequence[str], cookie: str, sign_in: Session) -> "Browser":
        """One of somebody who signs in, and again whenever the session has ended.

        `sign_in` opens a session and gives the cookie's value and what goes with every form.
        """
        browser = cls(urls)
        browser._sign_in, browser._cookie = sign_in, cookie
        await browser._open_session()
        return browser

    async def _open_session(self) -> None:
        assert self._sign_in is not None
        session, self._csrf = await self._sign_in()
        self.client.cookies.set(self._cookie, session)

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request, repeated until a service answers it (5xx is no answer)."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = await self.client.request(method, next(self._urls) + path, **more)
            except httpx.TransportError as trouble:
                self.tries[type(trouble).__name__] += 1
            else:
                if answer.status_code < 500:
                    return answer
                self.tries[str(answer.status_code)] += 1
            await asyncio.sleep(0.2)
        raise NobodyAnswers(path)

    async def post(self, path: str, **fields: Any) -> httpx.Response:
        """Post a console form."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            answer = await self.ask("POST", path, data={"csrf": self._csrf} | fields)
            if answer.headers.get("location") != "/console/sign-in":
                return answer
            self.tries["signed out"] += 1
            await asyncio.sleep(0.5)  # a service whose clock is wrong ends the next one as well
            with contextlib.suppress(SQLAlchemyError):
                await self._open_session()
        raise NobodyAnswers(path)

    async def close(self) -> None:
        """Close the connections."""
        await self.client.aclose()


def posting(key: str, number: int) -> dict[str, Any]:
    """The request that posts a question; the same number makes the same request."""
    body = {
        "text": f"Question number {number} of somebody who needs insulin in Gyumri each month.",
        "language": "en",
        "country": "AM",
        "asker_role": "organisation",
        "reference": f"R-{number}",
        "contact": {"email": "asker@example.org", "safe_to_write": True},
        "consent": {"version": "2026-1", "given_at": CONSENTED},
    }
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"fault-run-key-{number:06d}"}
    return {"json": body, "headers": headers}


async def post_question(browser: Browser, key: str, number: int) -> tuple[str, bool]:
    """Post the same question until it is recorded; (its id, whether a try before had done it)."""
    answer = await browser.ask("POST", "/api/v1/questions", **posting(key, number))
    if answer.status_code != 201:
        raise RuntimeError(f"question {number}: {answer.status_code} {answer.text[:300]}")
    return answer.json()["question_id"], "Idempotent-Replayed" in answer.headers


async def release(browser: Browser, question_id: str) -> None:
    """Take a question, say what it is about, write the research question and let it leave."""
    base = f"/console/questions/{question_id}"
    for _ in range(20):  # what was half done when a service died is done from the start
        await browser.post(f"{base}/take")
        await browser.post(f"{base}/triage", **TRIAGE)
        shown = await browser.post(f"{base}/desk/preview", text=TEXT, language="en", **CHECKED)
        draft = re.search(r'name="draft" value="([^"]+)"', shown.text)
        if shown.status_code == 200 and draft is not None:
            done = await browser.post(f"{base}/desk/release", draft=draft[1])
            if done.status_code == 303:
                return
        elif await _has_left(browser, base):
            return
        await asyncio.sleep(0.1)
    raise RuntimeError(f"{base} could not be released: {shown.status_code}")


async def _has_left(browser: Browser, base: str) -> bool:
    again = await browser.post(f"{base}/desk/release", draft="none")
    return again.status_code == 303


async def write_to_asker(browser: Browser, question_id: str) -> None:
    """Write a message to the asker of a question that one works on."""
    base = f"/console/questions/{question_id}"
    token = await form_token(browser, base)
    done = await browser.post(f"{base}/message", form_token=token, message="We are looking.")
    if done.status_code != 303:
        raise RuntimeError(f"message: {done.status_code}")


async def form_token(browser: Browser, path: str) -> str:
    """The token of the form on a page: who sends the form twice sends it once."""
    page = await browser.ask("GET", path)
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token is not None, page.text[:500]
    return token[1]


async def add_partner(browser: Browser, number: int) -> None:
    """Register a partner in Armenia with room for fifty questions, whose agreement runs."""
    token = await form_token(browser, "/console/partners/new")
    done = await browser.post(
        "/console/partners/new",
        form_token=token,
        kind="organisation",
        name=f"Return desk {number}",
        email=f"desk{number}@partner.example",
        countries="AM",
        topics="health.medication",
        mail_language="en",
        languages="hy",
        capacity="50",
        risk="normal",
        visibility="local",
    )
    if done.status_code != 303:
        raise RuntimeError(f"partner: {done.status_code} {done.text[:500]}")
