"""What public pages weigh over the wire: a first visit with all it needs, and the page after it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx
from bs4 import BeautifulSoup
from cri_shared.places.languages import INTERFACE_LANGUAGES, PUBLIC_LANGUAGES

from tests.bench.library import library
from tests.bench.report import Row
from tests.bench.rows.sign_ups import open_edition
from tests.bench.stage import Stage

KILOBYTE = 1024
BROWSER = {"Accept-Encoding": "gzip, deflate, br", "Accept": "text/html,*/*;q=0.8"}
SEARCH = (
    *("", "search?q=insulin", "search?q=school&country=AM&topic=health", "countries"),
    *("countries/AM", "topics/health", "topics/health.medication"),
    *("about", "privacy", "accessibility", "entries/bench-{:032x}"),
)
INTAKE = ("ask", "ask?country=AM", "follow")
TRAINING = ("workshops", "workshops/{}", "sign-up/{}")
RESEARCH = ("partner",)


@dataclass
class Weight:
    """A page: its address, and what it costs who comes first and who was on another page before."""

    address: str
    first: float
    following: float


async def measure(stage: Stage) -> list[Row]:
    """Every public page in every language of the interface; the heaviest one counts."""
    shelves = await stage.once(library)
    nats_url = await stage.nats_url()
    others = [
        await stage.service(name, "weight", nats_url=nats_url)
        for name in ("intake", "training", "research")
    ]
    async with shelves.open():
        found = await _weigh(
            shelves.search.url, [path.format(8) for path in SEARCH], PUBLIC_LANGUAGES
        )
    for service, paths in zip(others, (INTAKE, TRAINING, RESEARCH), strict=True):
        service.start()
        try:
            edition = await open_edition(service) if service.service == "training" else ""
            spoken = PUBLIC_LANGUAGES if service.service == "intake" else INTERFACE_LANGUAGES
            found += await _weigh(service.url, [path.format(edition) for path in paths], spoken)
        finally:
            service.stop()
    return [_row("first visit", "first", 30.0, found), _row("next page", "following", 10.0, found)]


def _row(what: str, figure: str, limit: float, found: list[Weight]) -> Row:
    ordered = sorted(found, key=lambda one: -getattr(one, figure))
    heavy = ", ".join(f"{one.address} {getattr(one, figure):.1f}" for one in ordered[:6])
    return Row(
        f"{what}, the heaviest of {len(found)} public pages",
        getattr(ordered[0], figure),
        "KB",
        limit=limit,
        note=f"{heavy}; lightest {getattr(ordered[-1], figure):.1f}",
    )


async def _weigh(url: str, paths: list[str], languages: Iterable[str]) -> list[Weight]:
    """The pages of one service; what its first page brought and may be kept is there already."""
    found = []
    async with httpx.AsyncClient(base_url=url, headers=BROWSER, timeout=20) as client:
        for language in languages:
            kept: set[str] | None = None
            for path in paths:
                page = await _get(client, f"/{language}/{path}")
                parts = {part: await _get(client, part) for part in _needs(page)}
                parts |= {
                    part: await _get(client, part)
                    for sheet in list(parts.values())
                    for part in _named_in(sheet)
                }
                if kept is None:
                    kept = {part for part, answer in parts.items() if _may_be_kept(answer)}
                new = [answer for part, answer in parts.items() if part not in kept]
                found.append(
                    Weight(
                        page.url.raw_path.decode()[:60],
                        _wire([page, *parts.values()]),
                        _wire([page, *new]),
                    )
                )
    return found


async def _get(client: httpx.AsyncClient, address: str) -> httpx.Response:
    client.cookies.clear()
    return (await client.get(address)).raise_for_status()


def _needs(page: httpx.Response) -> list[str]:
    """The addresses of what a browser fetches with a page."""
    soup = BeautifulSoup(page.text, "html.parser")
    wanted = "link[rel~=stylesheet], link[rel~=icon], link[rel~=preload], script[src], img[src]"
    named = [str(tag.get("href") or tag.get("src")) for tag in soup.select(wanted)]
    return [*dict.fromkeys(urljoin(str(page.url), n) for n in named if not n.startswith("data:"))]


def _named_in(sheet: httpx.Response) -> list[str]:
    """The fonts and pictures that a style sheet names."""
    if "css" not in sheet.headers.get("content-type", ""):
        return []
    named = re.findall(r"url\([\"']?([^\"')]+)", sheet.text)
    return [urljoin(str(sheet.url), n) for n in named if not n.startswith("data:")]


def _may_be_kept(answer: httpx.Response) -> bool:
    return "immutable" in answer.headers.get("cache-control", "")


def _wire(answers: list[httpx.Response]) -> float:
    """Kilobytes as they came, compressed or not, with their headers."""
    heads = sum(len(n) + len(v) + 4 for one in answers for n, v in one.headers.raw)
    return (heads + sum(one.num_bytes_downloaded for one in answers)) / KILOBYTE
