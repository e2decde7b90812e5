"""Looks at the web pages that public entries cite: a few at a time, beside all other work."""

import asyncio
import datetime as dt
import ssl
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from cri_shared import clock
from cri_shared.db import Work
from cri_shared.observe import log
from cri_shared.outside import NoPublicAddress, address_of, networks
from sqlalchemy import select, update

from cri_publishing.models import Link
from cri_publishing.rig import Rig
from cri_publishing.rules.pace import VISITED_AT_ONCE
from cri_publishing.rules.snapshots import snapshot

if TYPE_CHECKING:
    import httpx

SECONDS = 30.0  # for one page, its redirects included
MOST_BYTES = 10_000_000
MOST_HOPS = 5
LEASE = dt.timedelta(minutes=10)  # longer than a visit takes: then a crash left it behind


@dataclass(frozen=True)
class Visit:
    """How an address answered: a status with a snapshot, or the trouble there was."""

    status: int | None = None
    snapshot: str | None = None
    trouble: str | None = None


class Visitor:
    """Visits the addresses whose time has come, and writes down how they stand."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._under_way: set[asyncio.Task[None]] = set()
        self._own = networks(rig.settings.link_networks)

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        """The authorities that this machine trusts."""
        return ssl.create_default_context()

    async def look(self, work: Work) -> None:
        """Begin with the addresses whose time came first, once that is durable."""
        free = VISITED_AT_ONCE - len(self._under_way)
        if not self._rig.settings.link_days or free <= 0:
            return
        now = clock.now()
        due = select(Link.url).where(Link.next_at <= now).order_by(Link.next_at).limit(free)
        # Several entries may have one address: it is visited once for all of them.
        for url in dict.fromkeys((await work.session.execute(due)).scalars()):
            later = update(Link).where(Link.url == url).values(next_at=now + LEASE)
            await work.session.execute(later)
            work.after_commit(lambda url=url: self._start(url))  # type: ignore[misc]

    async def close(self) -> None:
        """Let nothing be under way; what was not written down is visited again."""
        for task in self._under_way:
            task.cancel()
        await self.arrived()

    async def arrived(self) -> None:
        """Wait until nothing is under way."""
        while self._under_way:
            await asyncio.gather(*self._under_way, return_exceptions=True)

    def _start(self, url: str) -> None:
        task = asyncio.create_task(self._visit(url), name="link")
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _visit(self, url: str) -> None:
        try:
            async with asyncio.timeout(SECONDS):
                seen = await self._seen(url)
        except NoPublicAddress:
            seen = Visit(trouble="no-address")
        except TimeoutError:
            seen = Visit(trouble="too-slow")
        except (OSError, ValueError):
            seen = Visit(trouble="no-connection")
        try:
            async with self._rig.service.database.writing() as work:
                await self._write_down(work, url, seen)
        except Exception as failure:  # the edge of the visitor: it is looked at after its lease
            log.warning("link.not_written", error=type(failure).__name__)

    async def _seen(self, url: str) -> Visit:
        """How an address answers, redirects followed; raises `OSError` or `NoPublicAddress`."""
        import httpx  # at the first use: few processes look at links

        async with httpx.AsyncClient(
            verify=self._trusted, timeout=SECONDS, trust_env=False
        ) as client:
            try:
                for _ in range(MOST_HOPS):
                    seen = await self._answer(client, httpx.URL(url))
                    if not isinstance(seen, str):
                        return seen
                    url = urljoin(url, seen)
            except (httpx.HTTPError, httpx.InvalidURL) as failed:
                raise ConnectionError from failed
        return Visit(trouble="no-end")

    async def _answer(self, client: "httpx.AsyncClient", url: "httpx.URL") -> Visit | str:
        """One answer, or the address that it leads on to.

        The connection goes to the address that was looked at: a name that leads elsewhere a moment
        later changes nothing.
        """
        there = await address_of(url.host, self._own)
        named = url.copy_with(host=f"[{there}]" if ":" in there else there)
        headers = {"Host": url.netloc.decode("ascii"), "User-Agent": "CRI"}
        told = {"sni_hostname": url.host}
        async with client.stream("GET", named, headers=headers, extensions=told) as answer:
            if answer.is_redirect and "location" in answer.headers:
                return str(answer.headers["location"])
            if answer.status_code >= 400:
                return Visit(status=answer.status_code)
            body = bytearray()
            async for piece in answer.aiter_bytes():
                body += piece
                if len(body) > MOST_BYTES:  # its beginning tells enough
                    break
            kind = answer.headers.get("content-type", "")
            return Visit(answer.status_code, snapshot(bytes(body[:MOST_BYTES]), kind))

    async def _write_down(self, work: Work, url: str, seen: Visit) -> None:
        after = dt.timedelta(days=self._rig.settings.link_days)
        rows = select(Link).where(Link.url == url).order_by(Link.link_id).with_for_update()
        for link in (await work.session.execute(rows)).scalars():
            if seen.snapshot is not None and seen.status is not None:
                link.answered(seen.status, seen.snapshot, after)
            else:
                link.failed(seen.status, seen.trouble, after)
