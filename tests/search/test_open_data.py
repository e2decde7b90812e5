"""The public database to take along: exports, what was taken back, feeds, maps."""

import csv
import json
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from cri_search.pages import maps
from cri_search.queries import everything
from cri_shared.events.publishing import EntryWithdrawn
from cri_shared.web.i18n import Words

from tests.search.conftest import Search, published
from tests.search.library import TODAY, facts

ATOM = {"a": "http://www.w3.org/2005/Atom", "at": "http://purl.org/atompub/tombstones/1.0"}
MAP = {"m": "http://www.sitemaps.org/schemas/sitemap/0.9"}


async def lines(search: Search, path: str) -> list[dict[str, Any]]:
    answer = await search.get(path)
    assert answer.status_code == 200
    return [json.loads(line) for line in answer.text.splitlines()]


def xml(content: bytes) -> Element:
    """What we wrote ourselves, read."""
    return fromstring(content)  # noqa: S314


async def taken_back(search: Search) -> None:
    await search.hear(EntryWithdrawn(entry_id="insulin", version=2))


class TestExports:
    async def test_every_entry_is_a_line_with_what_the_api_tells_of_it_on_any_day(
        self, search: Search, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(everything, "BATCH", 3)  # several batches, and the last one full or not
        told = await lines(search, "/export/entries.jsonl")
        assert len({one["entry_id"] for one in told}) == len(told) > 30
        by_api = (await search.get("/api/v1/entries/insulin")).json()
        lasting = {name: by_api[name] for name in by_api if name not in ("standing", "said")}
        assert lasting in told

    async def test_a_table_has_a_row_for_every_language(self, search: Search) -> None:
        text = (await search.get("/export/entries.csv")).text
        assert text.startswith("\ufeffentry_id,")
        rows = list(csv.DictReader(text.removeprefix("\ufeff").splitlines(keepends=True)))
        insulin = [row for row in rows if row["entry_id"] == "insulin"]
        assert [row["language"] for row in insulin] == ["en", "nl", "fr"]
        assert "Polyclinic 1, phone +374 10 000 000" in insulin[0]["answer"]

    async def test_no_text_becomes_a_formula(self, search: Search) -> None:
        texts = {"en": ("=HYPERLINK(1)?", "@sum")}
        await search.hear(published(facts("formula", texts)))
        text = (await search.get("/export/entries.csv")).text
        (row,) = [row for row in csv.reader(text.splitlines()) if row and row[0] == "formula"]
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row)
        assert "'=HYPERLINK(1)?" in row

    async def test_what_was_taken_back_is_named_and_gone(self, search: Search) -> None:
        await taken_back(search)
        assert await lines(search, "/export/tombstones.jsonl") == [
            {"entry_id": "insulin", "slug": "insulin-slug", "withdrawn_on": TODAY.isoformat()}
        ]
        told = await lines(search, "/export/entries.jsonl")
        assert "insulin" not in {one["entry_id"] for one in told}
        assert "Gyumri?" not in (await search.get("/export/entries.csv")).text

    @pytest.mark.parametrize("name", ["entries.jsonl", "entries.csv", "tombstones.jsonl"])
    async def test_who_has_it_is_not_sent_it_again(self, search: Search, name: str) -> None:
        first = await search.get(f"/export/{name}")
        has = {"if-none-match": first.headers["etag"]}
        again = await search.get(f"/export/{name}", **has)
        assert (again.status_code, again.content) == (304, b"")
        await taken_back(search)
        assert (await search.get(f"/export/{name}", **has)).status_code == 200

    async def test_an_empty_database_is_an_empty_file(self, empty: Search) -> None:
        assert (await empty.get("/export/entries.jsonl")).text == ""
        assert len((await empty.get("/export/entries.csv")).text.splitlines()) == 1


class TestFeeds:
    async def feed(self, search: Search, path: str) -> Element:
        answer = await search.get(path)
        assert answer.headers["content-type"] == "application/atom+xml"
        return xml(answer.content)

    async def test_the_newest_of_a_country_in_the_readers_language(self, search: Search) -> None:
        root = await self.feed(search, "/feeds/nl/AM.atom")
        assert root.findtext("a:title", "", ATOM).startswith("Armenië")
        titles = [one.findtext("a:title", "", ATOM) for one in root.findall("a:entry", ATOM)]
        assert "Is insuline gratis in Gyumri?" in titles
        updated = [one.findtext("a:updated", "", ATOM) for one in root.findall("a:entry", ATOM)]
        assert updated == sorted(updated, reverse=True)
        for one in root.findall("a:entry", ATOM):
            terms = {each.get("term") for each in one.findall("a:category", ATOM)}
            assert "AM" in terms
            link = one.find("a:link", ATOM)
            assert link is not None
            page = str(link.get("href")).removeprefix("http://127.0.0.1:8000")
            assert (await search.get(page)).status_code == 200

    @pytest.mark.parametrize("topic", ["health", "health.medication"])
    async def test_the_newest_on_a_topic_or_a_group(self, search: Search, topic: str) -> None:
        root = await self.feed(search, f"/feeds/fr/{topic}.atom")
        name = Words(("cri_shared",), "fr").topic(topic)
        assert root.findtext("a:title", "", ATOM).startswith(name)
        entries = root.findall("a:entry", ATOM)
        terms = [{c.get("term") for c in one.findall("a:category", ATOM)} for one in entries]
        assert terms
        assert all(any(str(code).startswith(topic) for code in each) for each in terms)
        page = (await search.get(f"/fr/topics/{topic}")).text
        assert page.count(f'href="/feeds/fr/{topic}.atom"') == 2

    async def test_what_was_taken_back_is_told_under_the_same_name(self, search: Search) -> None:
        before = await self.feed(search, "/feeds/en/AM.atom")
        names = {one.findtext("a:id", "", ATOM) for one in before.findall("a:entry", ATOM)}
        await taken_back(search)
        after = await self.feed(search, "/feeds/en/AM.atom")
        (gone,) = after.findall("at:deleted-entry", ATOM)
        assert gone.get("ref") in names
        assert gone.get("ref") not in {e.findtext("a:id", "", ATOM) for e in after}

    async def test_it_is_a_feed_where_there_is_nothing_yet(self, empty: Search) -> None:
        root = await self.feed(empty, "/feeds/fr/all.atom")
        assert root.findall("a:entry", ATOM) == []
        assert root.findtext("a:updated", "", ATOM)

    @pytest.mark.parametrize(
        "path",
        ["/feeds/en/XX.atom", "/feeds/xx/all.atom", "/feeds/en/am.atom", "/feeds/en/health.x.atom"],
    )
    async def test_there_is_none_of_what_there_is_not(self, search: Search, path: str) -> None:
        assert (await search.get(path)).status_code == 404


class TestMaps:
    async def test_every_address_of_every_map_opens(
        self, search: Search, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(maps, "PER_MAP", 20)
        index = xml((await search.get("/sitemap.xml")).content)
        parts = [str(loc.text) for loc in index.iterfind(".//m:loc", MAP)]
        assert len(parts) > 2
        places = []
        for part in parts:
            found = xml((await search.get(part)).content)
            places += [str(loc.text) for loc in found.iterfind(".//m:loc", MAP)]
        assert len(set(places)) == len(places)
        assert "http://127.0.0.1:8000/fr/entries/insulin-slug" in places
        for place in places[:: len(places) // 40]:
            assert (await search.get(place)).status_code == 200, place

    @pytest.mark.parametrize("part", ["0", "99", "x"])
    async def test_there_is_no_map_of_nothing(self, search: Search, part: str) -> None:
        assert (await search.get(f"/sitemap/{part}.xml")).status_code in (404, 422)

    async def test_robots_find_the_map_and_no_console(self, search: Search) -> None:
        told = (await search.get("/robots.txt")).text
        assert "Sitemap: http://127.0.0.1:8000/sitemap.xml" in told
        assert "Disallow: /console" in told

    async def test_a_browser_learns_how_to_search(self, search: Search) -> None:
        home = (await search.get("/nl/")).text
        assert 'href="/nl/opensearch.xml"' in home
        told = (await search.get("/nl/opensearch.xml")).text
        assert 'template="http://127.0.0.1:8000/nl/search?q={searchTerms}"' in told
