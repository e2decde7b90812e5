"""Crawling: every page that strangers and colleagues can reach by links and known addresses."""

import re
from collections import deque
from collections.abc import Iterator
from urllib.parse import urldefrag, urljoin, urlsplit

import httpx
from cri_stack.demo.people.staff import StaffMember

from tests.security.sweep.places import Piece
from tests.security.sweep.stage import CONSOLES, Stage

MOST = 150  # pages of one service for one visitor
PATIENCE = 60.0  # seconds, on a machine that does much else
_LINK = re.compile(rb'(?:href|src|action)="([^"#]+)|<loc>([^<]+)')
_EVERYWHERE = ("/health/ready", "/metrics", "/api/openapi.json", "/api/asyncapi.json")
_PUBLIC = {
    "search": (
        *("/en/", "/nl/", "/sitemap.xml", "/feeds/en/all.atom", "/feeds/nl/all.atom"),
        *("/export/entries.jsonl", "/export/entries.csv", "/export/tombstones.jsonl"),
        *("/api/v1/search?q=insulin", "/en/search?q=insulin", "/en/search?q=kanarivogel"),
    ),
    "intake": ("/en/ask", "/nl/follow", "/api/v1/countries", "/api/v1/topics"),
    "research": ("/en/partner",),
    "publishing": ("/en/",),
    "training": ("/en/workshops", "/nl/workshops"),
}


def public(stage: Stage) -> Iterator[Piece]:
    """Everything that anybody may see, the mails' own page left out."""
    with httpx.Client(trust_env=False, timeout=PATIENCE) as browser:
        for service, paths in _PUBLIC.items():
            begin = [stage.layout.url(service) + path for path in (*paths, *_EVERYWHERE)]
            yield from _crawl(browser, begin, f"public {service}")


def staff(stage: Stage) -> Iterator[Piece]:
    """What everybody who works at a console sees there, without asking to be shown more."""
    for member in (stage.colleague, stage.coordinator, stage.editor, stage.trainer):
        yield from _console(stage, member)


def _console(stage: Stage, member: StaffMember) -> Iterator[Piece]:
    name = member.name.split()[0]
    for service in CONSOLES:
        begin = [f"{stage.layout.url(service)}/console"]
        cookies = dict(member.browser.session.cookies)
        with httpx.Client(trust_env=False, timeout=PATIENCE, cookies=cookies) as browser:
            yield from _crawl(browser, begin, f"console {service} {name}")


def _crawl(browser: httpx.Client, begin: list[str], kind: str) -> Iterator[Piece]:
    host = urlsplit(begin[0]).netloc
    waiting, known = deque(begin), set(begin)
    for _ in range(MOST):
        if not waiting:
            return
        url = waiting.popleft()
        answer = browser.get(url, follow_redirects=True)
        yield Piece(kind, url, answer.content)
        for link in _links(answer):
            if link not in known and urlsplit(link).netloc == host:
                known.add(link)
                waiting.append(link)


def _links(answer: httpx.Response) -> Iterator[str]:
    if "html" in answer.headers.get("content-type", "") or answer.url.path.endswith(".xml"):
        for found in _LINK.finditer(answer.content):
            written = (found[1] or found[2]).decode().replace("&amp;", "&")
            if "/static/" not in written:
                yield urldefrag(urljoin(str(answer.url), written))[0]
