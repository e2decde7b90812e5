"""The people of a fault run: they use only HTTP, and try again when nobody answers."""

import asyncio
import itertools
import re
import time
from collections import Counter
from collections.abc import Sequence
from typing import Any

import httpx
from cri_shared import clock

PATIENCE = 90.0
TEXT = "Is insulin of both kinds available in Gyumri, and what does it cost each month?"
TRIAGE = {"country": "AM", "region": "Gyumri", "topic": "health.medication", "urgency": "normal"}
CHECKED = {
    f"check_{item}": "yes"
    for item in (
        "unique_office",
        "known_relative",
        "unique_event",
        "small_group_small_place",
        "exact_dates",
    )
}


class NobodyAnswers(Exception):
    """A service stayed away longer than anybody would wait."""


class Browser:
    """Talks to the replicas of one service in turn; a failed try is made again."""

    def __init__(
        self, urls: Sequence[str], *, cookies: dict[str, str] | None = None, csrf: str = ""
    ) -> None:
        self._urls = itertools.cycle(urls)
        self._client = httpx.AsyncClient(cookies=cookies, timeout=10)
        self._csrf = csrf
        self.tries: Counter[str] = Counter()

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request, repeated until a service answers it (5xx is no answer)."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                answer = await self._client.request(method, next(self._urls) + path, **more)
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
        return await self.ask("POST", path, data={"csrf": self._csrf} | fields)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.aclose()


async def post_question(browser: Browser, key: str, number: int) -> tuple[str, bool]:
    """Post the same question until it is recorded; (its id, whether a try before had done it)."""
    body = {
        "text": f"Question number {number} of somebody who needs insulin in Gyumri each month.",
        "language": "en",
        "country": "AM",
        "asker_role": "organisation",
        "reference": f"R-{number}",
        "consent": {"version": "2026-1", "given_at": clock.now().isoformat()},
    }
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": f"fault-run-key-{number:06d}"}
    answer = await browser.ask("POST", "/api/v1/questions", json=body, headers=headers)
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


async def add_partner(browser: Browser, number: int) -> None:
    """Register a partner in Armenia with room for fifty questions, whose agreement runs."""
    page = await browser.ask("GET", "/console/partners/new")
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token is not None, page.text[:500]
    done = await browser.post(
        "/console/partners/new",
        form_token=token[1],
        kind="organisation",
        name=f"Return desk {number}",
        email=f"desk{number}@partner.example",
        countries="AM",
        topics="health.medication",
        languages="en, hy",
        capacity="50",
        risk="normal",
        visibility="local",
    )
    if done.status_code != 303:
        raise RuntimeError(f"partner: {done.status_code} {done.text[:500]}")
