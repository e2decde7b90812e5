"""A visitor of the public database, and a program that reads its API."""

from typing import Any

import httpx

from cri_stack.demo.people.person import Person


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

    def entry_page(self, slug: str, lang: str = "en") -> str:
        """What the page of an entry says; the status is kept."""
        self.open(f"{self.search}/{lang}/entries/{slug}", may_fail=True)
        return self.text
