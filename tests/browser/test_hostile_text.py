"""What other people write is shown as it was typed: in a real browser nothing of it runs or loads.

Every page is opened twice: as it is served, and once more without its Content-Security-Policy, so
that the words alone have to be harmless.
"""

import asyncio
import datetime as dt
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from cri_shared import clock
from playwright.sync_api import Browser, Page, Request, Route

from tests.browser.hostile import SERVICES, Seen
from tests.security.vectors import marked

pytestmark = pytest.mark.browser
NOW = dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.UTC)
SITE = "http://cri.test"
EVERYTHING = {  # pages that show a text whole
    "search": {"an entry", "a topic"},
    "intake": {"a case", "a question behind its number", "an answer", "what a partner asks"},
    "research": {"a research question", "the partner's page", "the review"},
    "publishing": {"a draft", "the editor"},
    "training": set(),
}
WATCH = """
window.hits = []; window.hit = (n) => window.hits.push(n);
for (const name of ["alert", "confirm", "prompt"]) window[name] = () => window.hits.push(name);
document.addEventListener("securitypolicyviolation", (e) => window.hits.push(
  `${e.violatedDirective} ${e.blockedURI}`));
"""
# Whatever in the page could act on its own or lead a person elsewhere than they think.
ACTS = """
() => {
  const found = [], here = location.origin;
  const NEVER = ["iframe", "object", "embed", "base", "math", "frame", "applet", "video", "audio",
    "template", "foreignObject", "animate", "set", "use", "noembed"];
  const bad = /^\\s*(javascript|vbscript|data):/i;
  for (const one of document.querySelectorAll("*")) {
    const name = one.localName;
    for (const { name: key, value } of one.attributes) {
      if (/^on/i.test(key) || key === "style" || key === "srcdoc") found.push(`${name} ${key}`);
      if (["href", "src", "action", "formaction", "xlink:href"].includes(key) &&
          bad.test(value) && !value.startsWith("data:image/png;base64,"))
        found.push(`${name} ${value}`);
    }
    if (NEVER.includes(name)) found.push(name);
    if (name === "script" && !(one.src || "").startsWith(here + "/static/")) found.push("script");
    if (name === "meta" && one.httpEquiv) found.push("meta " + one.httpEquiv);
    if (name === "form" && !new URL(one.action, here).href.startsWith(here)
        && !one.action.startsWith("http://127.0.0.1:")) found.push("form " + one.action);
    if (name === "a" && one.hasAttribute("href") &&
        !["http:", "https:", "mailto:", "tel:"].includes(one.protocol)) found.push("a " + one.href);
  }
  return [...found, ...window.hits.map((n) => `ran: ${n}`)];
}
"""


@dataclass
class Visit:
    """A page that is given to a browser from memory, and what it asks for beside that."""

    seen: Seen
    with_policy: bool
    asked: list[str] = field(default_factory=list)

    def answer(self, route: Route, request: Request) -> None:
        """Give the page and its files; note and refuse everything else."""
        place = urlsplit(request.url)
        path = place.path + (f"?{place.query}" if place.query else "")
        own = request.url.startswith(f"{SITE}/")
        answer = self.seen.assets.get(path) if own else None
        if own and path == self.seen.path and request.is_navigation_request():
            answer = self.seen.answer
        if answer is None:
            self.asked.append(request.url)
            route.abort()
            return
        headers = {
            name: value
            for name, value in answer.headers.items()
            if name not in ("content-length", "content-encoding", "set-cookie")
            and (self.with_policy or name != "content-security-policy")
        }
        route.fulfill(status=answer.status_code, headers=headers, body=answer.content)

    def open(self, page: Page) -> list[str]:
        """Open the page; gives everything that acted, ran or was asked for."""
        page.unroute_all()
        page.route("**/*", self.answer)
        page.goto(f"{SITE}{self.seen.path}", wait_until="load")
        acted: list[str] = page.evaluate(ACTS)
        return acted + [f"asked: {url}" for url in self.asked]


@pytest.fixture(scope="module")
def watched(browser: Browser) -> Iterator[Page]:
    """A browser page that tells when anything runs."""
    page = browser.new_page()
    page.add_init_script(WATCH)
    page.on("dialog", lambda dialog: dialog.dismiss())
    yield page
    page.close()


def _pages(service: str, directory: Path) -> list[Seen]:
    """All pages of a service, made in another thread: the browser has a loop in this one."""

    async def every() -> list[Seen]:
        return [one async for one in SERVICES[service](directory)]

    with clock.frozen(NOW), ThreadPoolExecutor(1) as beside:
        return beside.submit(lambda: asyncio.run(every())).result()


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_of_what_people_write_runs_or_loads(
    service: str, watched: Page, tmp_path: Path
) -> None:
    pages = _pages(service, tmp_path)
    every = {mark for mark, _ in marked()}
    whole = {one.name for one in pages if one.marks == every}
    assert whole >= EVERYTHING[service]
    assert set().union(*(one.marks for one in pages)) >= (every if EVERYTHING[service] else set())
    acted = {
        f"{one.name}{'' if policy else ', without its policy'}": found
        for one in pages
        for policy in (True, False)
        if (found := Visit(one, policy).open(watched))
    }
    assert acted == {}


def test_what_is_looked_for_would_be_found(watched: Page) -> None:
    """The same vectors, put into a page as they are: the watch sees them run and load."""
    asked: list[str] = []

    def answer(route: Route, request: Request) -> None:
        if request.is_navigation_request() and request.url == f"{SITE}/bare":
            body = "".join(f"<div>{text}</div>" for _, text in marked() if "<meta" not in text)
            route.fulfill(status=200, content_type="text/html", body=body)
        else:
            asked.append(request.url)
            route.abort()

    watched.unroute_all()
    watched.route("**/*", answer)
    watched.goto(f"{SITE}/bare", wait_until="load")
    acted = watched.evaluate(ACTS)
    assert any("evil.test" in url for url in asked)
    assert any("onerror" in one for one in acted)
    assert any(one.startswith("ran:") for one in acted)
