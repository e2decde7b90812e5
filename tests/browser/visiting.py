"""The demo's platform as a browser sees it: its pages by name, its staff signed in."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from axe_playwright_python.sync_playwright import Axe
from cri_stack.demo.logins import code_of
from cri_stack.demo.people.staff import PASSWORD
from cri_stack.layout import Layout
from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# name: service, path after the language; {…} is found on another page
PUBLIC = {
    "home": ("search", "/"),
    "results": ("search", "/search?q=insuln"),
    "no results": ("search", "/search?q=zeppelin"),
    "entry": ("search", "/entries/{slug}"),
    "feedback": ("search", "/entries/{slug}/feedback"),
    "country": ("search", "/countries/AM"),
    "countries": ("search", "/countries"),
    "topic": ("search", "/topics/health.medication"),
    "listing mistake": ("search", "/listings/{listing}/mistake"),
    "about": ("search", "/about"),
    "privacy": ("search", "/privacy"),
    "accessibility": ("search", "/accessibility"),
    "open data": ("search", "/open-data"),
    "ask": ("intake", "/ask"),
    "follow": ("intake", "/follow"),
    "erased": ("intake", "/follow/erased"),
    "partner": ("research", "/partner"),
    "workshops": ("training", "/workshops"),
    "certificate": ("training", "/certificates/verify"),
}
# console: the e-mail address of whoever works there, and its first pages
CONSOLES = {
    "intake": ("leen@staff.example", ("/console/questions", "/console/questions/new")),
    "research": ("amina@staff.example", ("/console/questions", "/console/partners")),
    "publishing": ("pieter@staff.example", ("/console/entries", "/console/listings")),
    "training": ("sofie@staff.example", ("/console/editions", "/console/workshops")),
}


@dataclass
class Live:
    """A platform on which the demo was played, and that is still up."""

    var: Path
    slug: str = ""
    listing: str = ""
    _opened: dict[str, list[str]] = field(default_factory=dict)

    @property
    def layout(self) -> Layout:
        """Where its parts are."""
        return Layout.found(self.var)

    def url(self, service: str, path: str) -> str:
        """An address of a service."""
        return self.layout.url(service) + path

    def public(self, name: str, language: str) -> str:
        """The address of a public page in a language."""
        service, path = PUBLIC[name]
        if "{slug}" in path:
            path = path.format(slug=self._some_slug())
        if "{listing}" in path:
            path = path.format(listing=self._some_listing())
        return self.url(service, f"/{language}{path}")

    def _some_slug(self) -> str:
        """The slug of the entry about insulin."""
        if not self.slug:
            found = httpx.get(self.url("search", "/api/v1/search"), params={"q": "insulin"}).json()
            self.slug = str(found["hits"][0]["url"]).rsplit("/", 1)[1]
        return self.slug

    def _some_listing(self) -> str:
        """A contact in Armenia."""
        if not self.listing:
            told = httpx.get(self.url("search", "/api/v1/countries/AM")).json()
            self.listing = str(told["contacts"][0]["listing_id"])
        return self.listing

    def sign_in(self, page: Page, service: str, email: str = "") -> None:
        """Sign in at a console as somebody, or as whoever works there."""
        email = email or CONSOLES[service][0]
        page.goto(self.url(service, "/console/sign-in"))
        page.fill("input[name=email]", email)
        page.fill("input[name=password]", PASSWORD)
        page.fill("input[name=code]", str(code_of(self.layout, email)))
        page.click("main form button")
        assert "/sign-in" not in page.url, page.locator("main").inner_text()

    def console(self, page: Page, service: str) -> list[str]:
        """The first pages of a console, and one object of each kind that they list."""
        if service not in self._opened:
            _, paths = CONSOLES[service]
            urls = [self.url(service, path) for path in paths]
            for url in list(urls):
                page.goto(url)
                links = page.eval_on_selector_all("main a", "all => all.map(a => a.href)")
                objects = [link for link in links if re.search(r"/[\w-]{20,}(/\w+)?$", link)]
                urls += objects[:1]
            self._opened[service] = list(dict.fromkeys(urls))
        return self._opened[service]


def open_page(page: Page, url: str) -> None:
    """Open a page that must be there."""
    answer = page.goto(url)
    assert answer is not None
    assert answer.status < 400, f"{url}: {answer.status}"


def violations(page: Page, rules: list[str] | None = None) -> list[str]:
    """What shuts somebody out of the page that is open, by axe's rules, or by some of them.

    Of what passes nothing is told: that is a megabyte for each page, and half of axe's time.
    """
    chosen = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": RULES}
    options = {"runOnly": chosen, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{v['id']}: {[n['target'] for n in v['nodes']][:3]}" for v in found]


def overflows(page: Page) -> bool:
    """Whether the page that is open scrolls sideways."""
    root = "document.documentElement"
    return bool(page.evaluate(f"{root}.scrollWidth > {root}.clientWidth"))
