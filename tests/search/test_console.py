"""Staff see what search holds, and whether the index holds the same."""

from pathlib import Path

import pytest
from cri_search.app import create_app
from cri_search.settings import Settings
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.index.wire import Wire
from cri_shared.testing.identity import sign_in
from cri_shared.testing.processes import free_port
from cri_shared.testing.web import running

from tests.search.conftest import Search, copied


class TestHoldings:
    @pytest.mark.parametrize("role", ["editor", "auditor", "operator"])
    async def test_those_who_may_see_the_numbers(self, search: Search, role: str) -> None:
        await sign_in(search.client, search.app, role)
        page = await search.get("/console/holdings")
        assert page.status_code == 200
        assert "The index answers, and holds what the copy holds." in page.text
        assert "publishing.entry.published" in page.text
        assert "25 November 2026" in page.text
        assert page.headers["cache-control"] == "no-store"

    @pytest.mark.parametrize("role", ["officer", "coordinator", "trainer"])
    async def test_others_may_not(self, search: Search, role: str) -> None:
        await sign_in(search.client, search.app, role)
        assert (await search.get("/console/holdings")).status_code == 403

    async def test_nobody_sees_it_without_signing_in(self, search: Search) -> None:
        page = await search.get("/console/holdings")
        assert page.status_code == 303
        assert page.headers["location"] == "/console/sign-in"

    async def test_the_first_page_of_the_console_is_this_one(self, search: Search) -> None:
        await sign_in(search.client, search.app, "editor")
        assert (await search.get("/console")).headers["location"] == "/console/holdings"

    async def test_a_difference_is_said(self, empty: Search) -> None:
        await sign_in(empty.client, empty.app, "operator")
        page = (await empty.get("/console/holdings")).text
        assert "The index and the copy hold different numbers." in page


class TestWithoutTheEngine:
    @pytest.fixture(autouse=True)
    def no_engine(self, search: Search, monkeypatch: pytest.MonkeyPatch) -> None:
        nowhere = Wire("http://127.0.0.1:9", "key", 1.0)
        monkeypatch.setattr(search.rig.index, "_wire", nowhere)  # type: ignore[attr-defined]

    async def test_searching_says_so_and_offers_what_still_works(self, search: Search) -> None:
        page = await search.get("/en/search?q=insulin&country=AM")
        assert page.status_code == 503
        assert page.headers["retry-after"]
        assert page.headers["cache-control"] == "no-store"
        assert 'value="insulin"' in page.text
        assert 'href="/en/topics/health"' in page.text
        assert 'href="/en/countries/AM"' in page.text

    async def test_pages_of_the_copy_still_answer(self, search: Search) -> None:
        for path in ("/en/", "/en/entries/insulin-slug", "/en/countries/AM", "/en/topics/health"):
            assert (await search.get(path)).status_code == 200

    async def test_the_api_says_so(self, search: Search) -> None:
        response = await search.get("/api/v1/search?q=insulin")
        assert response.status_code == 503
        assert response.json()["type"] == "search-unavailable"

    async def test_health_says_so(self, search: Search) -> None:
        ready = await search.get("/health/ready")
        assert ready.status_code == 200
        assert ready.json()["reasons"] == ["index-away"]
        assert ready.json()["status"] == "degraded"

    async def test_the_console_says_so(self, search: Search) -> None:
        await sign_in(search.client, search.app, "operator")
        assert "The index does not answer." in (await search.get("/console/holdings")).text


async def test_a_key_that_the_index_refuses_is_down_for_readers(
    search: Search, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = MeilisearchIndex(search.rig.settings.index_url, "wrong")
    monkeypatch.setattr(search.rig, "index", refused)
    assert (await search.get("/en/search?q=insulin")).status_code == 503
    await refused.close()


async def test_it_starts_without_the_engine(furnished: Settings, tmp_path: Path) -> None:
    nowhere = {"index_url": f"http://127.0.0.1:{free_port()}"}
    app = create_app(copied(furnished, tmp_path / "copy").model_copy(update=nowhere))
    async with running(app) as client:
        search = Search(app, client)
        assert (await search.get("/health/ready")).json()["reasons"] == ["index-away"]
        assert (await search.get("/en/search?q=insulin")).status_code == 503
        assert (await search.get("/en/entries/insulin-slug")).status_code == 200
