"""Instant search saves page loads and nothing else: address, title and history stay true."""

import io
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from cri_search.app import create_app
from cri_search.settings import Settings
from cri_shared.testing.processes import answers, free_port
from cri_shared.testing.waiting import until
from playwright.sync_api import Page, Route, expect, sync_playwright

from tests.browser import chromium
from tests.search.conftest import copied

pytestmark = pytest.mark.browser


@pytest.fixture
def address(furnished: Settings, tmp_path: Path) -> Iterator[str]:
    """A search that answers on a port, in a thread of its own."""
    port = free_port()
    settings = copied(furnished, tmp_path / "copy").model_copy(
        update={"public_url": f"http://127.0.0.1:{port}", "port": port}
    )
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=port, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    until(lambda: answers(port), what="search")
    yield settings.public_url
    server.should_exit = True
    thread.join(20)


@pytest.fixture
def page(address: str) -> Iterator[Page]:
    """A browser with script, at the page of results."""
    path = chromium.find_or_install()
    if path is None:
        assert not chromium.required(), chromium.LEFT_OUT
        pytest.skip(chromium.LEFT_OUT)
    with sync_playwright() as playwright:
        options = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=path, args=options)
        opened = browser.new_page()
        opened.goto(f"{address}/en/search")
        yield opened
        browser.close()


def test_typing_changes_list_counts_title_and_address(page: Page, address: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#q").press_sequentially("insulin", delay=20)
    expect(page.locator("#results h3")).to_have_count(1)
    expect(page).to_have_url(f"{address}/en/search?q=insulin")
    expect(page).to_have_title("insulin – Search answers – Country of Return Information")
    expect(page.locator("#say")).to_have_text("1 answer")
    expect(page.locator('[data-count="t:health"]')).to_have_text("1")
    expect(page.locator('#country option[value="AL"]')).to_have_text("Albania (0)")
    expect(page.locator("#q")).to_be_focused()
    parts = [url for url in asked if "part=results" in url]
    assert parts[-1] == f"{address}/en/search?q=insulin&part=results"
    assert len(parts) < len("insulin")


def test_a_filter_is_a_step_that_can_be_taken_back(page: Page, address: str) -> None:
    health = page.locator("input[name=topic][value=health]")
    health.check()
    expect(page).to_have_url(f"{address}/en/search?topic=health")
    expect(page.locator("#results h3")).to_have_count(3)
    page.go_back()
    expect(health).not_to_be_checked()
    expect(page.locator("#results h2").first).to_have_text("36 answers")


def test_whatever_fails_becomes_a_page_load(page: Page, address: str) -> None:
    def refuse(route: Route) -> None:
        route.abort() if "part=results" in route.request.url else route.continue_()

    page.route("**/*", refuse)
    page.locator("#q").fill("insulin")
    expect(page.locator("#results h3")).to_have_count(1)
    expect(page).to_have_url(f"{address}/en/search?q=insulin")


def test_who_saves_data_loads_nothing_unasked(page: Page, address: str) -> None:
    page.add_init_script(
        "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"
    )
    page.goto(f"{address}/en/search")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.locator("#q").press_sequentially("insulin")
    page.locator("#searchform button").click()
    expect(page.locator("#results h3")).to_have_count(1)
    assert not [url for url in asked if "part=results" in url]


def test_a_pack_opens_from_a_card_and_finds_without_a_network(
    page: Page, address: str, tmp_path: Path
) -> None:
    content = page.request.get(f"{address}/en/countries/AM/pack.zip").body()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        archive.extractall(tmp_path)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "cri-AM-en" / "index.html").as_uri())
    expect(page.locator("li.a:visible")).to_have_count(7)
    page.locator("#find").fill("INSULÍN shirak")
    expect(page.locator("li.a:visible")).to_have_count(1)
    expect(page.locator("#found")).to_have_text("1")
    page.locator("li.a:visible a").click()
    expect(page.locator("h1")).to_have_text("Is insulin free in Gyumri?")
    expect(page.locator(".checked time")).to_have_css("font-size", "22.4px")
    page.get_by_role("link", name="All answers about Armenia").click()
    expect(page.locator("h1")).to_have_text("Armenia")
    assert all(url.startswith("file:") for url in asked)
