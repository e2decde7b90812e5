"""Pages are small and may be kept: what a slow and dear connection has to carry."""

import gzip
import re

import pytest
from cri_search.policy import POLICY
from cri_shared.events.publishing import EntryWithdrawn

from tests.search.conftest import Search

NAMES = {
    "lang": "en",
    "code": "AM",
    "kind": "zip",
    "slug": "insulin-slug",
    "entry_id": "insulin",
    "where": "AM",
    "part": "1",
}
PUBLIC = [
    route.removeprefix("GET ").format_map(NAMES)
    for name in ("library.read", "contracts.read")
    for route in POLICY.actions[name].at
    if route != "GET /"
]
KEPT = [
    *(
        path.replace("topics/AM", "topics/health").replace("v1/listings", "v1/listings?q=insulin")
        for path in PUBLIC
        if path.count("{") == 0
    ),
    "/en/search?q=insulin&part=results",
    "/api/v1/search?q=insulin",
]
FIRST_VISIT = 30_000
NEXT_PAGE = 10_000


class TestKeeping:
    @pytest.mark.parametrize("path", KEPT)
    async def test_the_same_again_is_not_sent_again(self, search: Search, path: str) -> None:
        if "/countries/" in path:  # it says how large its packs are, once they are made
            for kind in ("pdf", "zip"):
                await search.get(f"{path}/pack.{kind}")
        first = await search.get(path)
        assert first.status_code == 200
        assert re.fullmatch(
            r"public, max-age=\d+, stale-while-revalidate=\d+(, stale-if-error=\d+)?",
            first.headers["cache-control"],
        )
        assert path.startswith("/api/") or "cri" in first.headers["cache-tag"].split(",")
        tag = first.headers["etag"]
        again = await search.get(path, **{"if-none-match": f'"other", {tag}'})
        assert again.status_code == 304
        assert again.content == b""
        assert again.headers["etag"] == tag
        assert (await search.get(path, **{"if-none-match": '"other"'})).status_code == 200
        assert "set-cookie" not in first.headers

    async def test_a_withdrawal_is_seen_by_who_kept_the_page(self, search: Search) -> None:
        tag = (await search.get("/en/entries/insulin-slug")).headers["etag"]
        await search.hear(EntryWithdrawn(entry_id="insulin", version=2))
        page = await search.get("/en/entries/insulin-slug", **{"if-none-match": tag})
        assert page.status_code == 410

    @pytest.mark.parametrize(
        ("path", "tag"),
        [
            ("/nl/entries/insulin-slug", "cri-entry-insulin"),
            ("/api/v1/entries/insulin", "cri-entry-insulin"),
            ("/fr/countries/AM", "cri-country-AM"),
            ("/fr/countries/AM/pack.zip", "cri-country-AM"),
            ("/feeds/en/AM.atom", "cri-country-AM"),
            ("/feeds/en/all.atom", "cri-lists"),
            ("/en/", "cri-lists"),
        ],
    )
    async def test_a_cache_in_front_can_forget_by_what_a_page_tells_of(
        self, search: Search, path: str, tag: str
    ) -> None:
        assert (await search.get(path)).headers["cache-tag"] == f"cri,{tag}"

    async def test_what_is_not_there_is_not_kept(self, search: Search) -> None:
        for path in ("/en/entries/nothing", "/api/v1/entries/nothing"):
            assert (await search.get(path)).headers["cache-control"] == "no-store"


async def wire(search: Search, path: str) -> int:
    """Bytes of an answer as it travels, without headers."""
    response = await search.get(path, **{"accept-encoding": "gzip"})
    assert response.status_code == 200
    size = len(gzip.compress(response.content))
    if size > 700:
        assert response.headers["content-encoding"] == "gzip"
    return size


class TestSize:
    @pytest.mark.parametrize(
        "path",
        [
            "/nl/",
            "/fr/search?q=ecole",
            "/en/entries/insulin-slug",
            "/fr/countries/AM",
            "/nl/privacy",
        ],
    )
    async def test_a_first_visit_is_small_and_the_next_page_smaller(
        self, search: Search, path: str
    ) -> None:
        page = await wire(search, path)
        text = (await search.get(path)).text
        assets = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text))
        assert assets
        whole = page + sum([await wire(search, asset) for asset in sorted(assets)])
        assert page < NEXT_PAGE
        assert whole < FIRST_VISIT

    async def test_the_script_is_short(self, search: Search) -> None:
        page = (await search.get("/en/search")).text
        script = re.search(r'<script src="(/static/[^"]+search\.js)" defer>', page)
        assert script is not None
        assert len((await search.get(script[1])).content) < 5_000

    async def test_nothing_comes_from_elsewhere(self, search: Search) -> None:
        page = (await search.get("/en/search?q=insulin")).text
        for address in re.findall(r'(?:src|href)="(https?://[^"]+)"', page):
            assert address.startswith("http://127.0.0.1:")
