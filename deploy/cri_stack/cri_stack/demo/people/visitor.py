"""A visitor of the public database, and a program that reads its API."""

from typing import Any
from urllib.parse import urljoin

import httpx

from cri_stack.demo.people.person import SECONDS, Person
from cri_stack.demo.waiting import Trouble


class Visitor(Person):
    """Somebody who searches."""

    def __init__(self, search: str) -> None:
        super().__init__("A visitor")
        self.search = search
        self._api = httpx.Client(base_url=f"{search}/api/v1", trust_env=False, timeout=20)

    def slugs_found(self, words: str, lang: str = "en", **filters: str) -> list[str]:
        """The last parts of the addresses of what a search finds."""
        query = str(httpx.QueryParams({"q": words, **filters}))
        self.open(f"{self.search}/{lang}/search?{query}")
        links = (str(link["href"]) for link in self.page.select("main a[href*='/entries/']"))
        return [link.split("?")[0].split("#")[0].rstrip("/").rsplit("/", 1)[-1] for link in links]

    def api_hits(self, words: str, **filters: str) -> list[dict[str, Any]]:
        """The hits of the API."""
        answer = self._api.get("/search", params={"q": words, **filters}).raise_for_status()
        hits: list[dict[str, Any]] = answer.json()["hits"]
        return hits

    def finds_useful(self, slug: str, lang: str = "en") -> bool:
        """Say on the page of an entry that it was useful; whether one is thanked."""
        self.entry_page(slug, lang)
        yes = self.page.select_one("a[href*='/feedback?useful=yes']")
        if yes is None:
            return False
        self.open(urljoin(self.url, str(yes["href"])))
        self.submit(r"/feedback$")
        return self.status == httpx.codes.OK and not self.has_form(r"/feedback$")

    def take_pack(self, country: str, kind: str, lang: str = "en") -> bytes:
        """Follow the link to a pack (`pdf` or `zip`) on the page of a country; gives the file."""
        self.open(f"{self.search}/{lang}/countries/{country}")
        link = self.link(rf"/pack\.{kind}$")
        if link is None:
            raise Trouble(f"{self.url} has no link to a {kind} to take along")
        answer = self.browser.session.get(link, timeout=SECONDS)
        if answer.status_code != httpx.codes.OK:
            raise Trouble(f"{self.name} opened {link}: {answer.status_code}")
        pack: bytes = answer.content
        return pack

    def country_page(self, country: str, lang: str = "en") -> str:
        """What the page of a country says."""
        self.open(f"{self.search}/{lang}/countries/{country}")
        return self.text

    def entry_page(self, slug: str, lang: str = "en") -> str:
        """What the page of an entry says; the status is kept."""
        self.open(f"{self.search}/{lang}/entries/{slug}", may_fail=True)
        return self.text
