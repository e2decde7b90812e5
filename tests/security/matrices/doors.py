"""Doors: what opens by a link, a code or a number, and what each way to try it must be told.

A door is a route and what it takes; a table of each service states the answers once. Which cells
there are follows from the table: every door, in every `Way` that there can be.
"""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from typing import Protocol

import httpx
from cri_shared.identity.secrets import new_token
from fastapi import FastAPI


class Way(StrEnum):
    """How a door is tried."""

    GOOD = "good"
    REPLAYED = "again, from another browser"
    UNKNOWN = "never given"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ANOTHERS = "of something else of the same kind"
    ELSEWHERE = "made for another door"
    ALTERED = "one character altered"
    TRUNCATED = "one character short"
    EMPTY = "empty"
    LONG = "very long"


class Where(StrEnum):
    """In what the secret travels."""

    PATH = "path"
    FIELD = "field"
    QUERY = "query"
    COOKIE = "cookie"
    BEARER = "bearer"
    JSON = "json"


@dataclass(frozen=True)
class Says:
    """An answer: its status, words on its page (English), and where it leads on."""

    status: int
    words: str = ""
    to: str = ""

    def fits(self, answer: httpx.Response) -> bool:
        """Whether this is the answer."""
        leads = answer.headers.get("location", "")
        return (
            answer.status_code == self.status
            and self.words in answer.text
            and (leads.startswith(self.to) if self.to else not leads)
        )


@dataclass(frozen=True)
class Key:
    """A secret that opens one thing, and what the request that carries it says beside.

    `names` stand in the path, `fields` in the form, `cookies` in the browser, `bearer` in the
    header of a program; `thing` is a word that only who opened the door may read; `about` is what
    the house knows it by.
    """

    secret: str
    names: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    cookies: Mapping[str, str] = field(default_factory=dict)
    bearer: str = ""
    thing: str = ""
    about: str = ""

    def holding(self, secret: str) -> "Key":
        """The same request with another secret."""
        return replace(self, secret=secret)


@dataclass(frozen=True)
class Door:
    """A route that opens by a secret of a `kind`, which travels as `name` in `where`.

    `refuses` is the answer to every way but those of `otherwise`; `again` are the ways that open as
    the first time did; `cannot` says why a way is not tried. `counts` are the tables and columns in
    which tries leave something, and nothing else changes. `body` is sent where it is JSON. With
    `fresh` each try has a secret of its own, for a few tries end it. What is longer than `longest`
    is very long, and shorter than `shortest` is cut. `alike` are kinds that are kept in the same
    place and meant for another one; `unknown` makes one up that nobody was given.
    """

    route: str
    kind: str
    where: Where
    name: str
    opens: Says
    refuses: Says
    otherwise: Mapping[Way, Says] = field(default_factory=dict)
    again: frozenset[Way] = frozenset()
    cannot: Mapping[Way, str] = field(default_factory=dict)
    counts: frozenset[str] = frozenset()
    body: Mapping[str, object] | None = None
    fresh: bool = False
    shortest: int = 0
    longest: int = 10_000
    alike: frozenset[str] = frozenset()
    unknown: Callable[[], str] = new_token

    def wants(self, way: Way) -> Says:
        """The answer that the table states."""
        if way is Way.GOOD or way in self.again:
            return self.opens
        return self.otherwise.get(way, self.refuses)

    def has(self, way: Way) -> bool:
        """Whether there is such a way: without its last part an address is another address."""
        return way not in self.cannot and (way, self.where) != (Way.EMPTY, Where.PATH)

    def opens_in(self, way: Way) -> bool:
        """Whether something may happen."""
        return way is Way.GOOD or way in self.again


class House(Protocol):
    """One service with its doors: it makes keys for them, and ends them."""

    @property
    def app(self) -> FastAPI:
        """The service, started."""

    async def make(self, kind: str) -> Key:
        """A fresh secret of a kind, for something fresh."""

    async def revoke(self, kind: str, key: Key) -> None:
        """Let a secret open nothing any more, as a person would."""

    async def later(self, kind: str) -> None:
        """What the service does by itself once the time of such a secret has passed."""


class Built(Protocol):
    """The module of one service's doors.

    `DOORS` is its table; `LIFE` gives how long a secret of each kind is good; `KEEPS` names, for
    each kind, what of the code keeps, reads or signs it (`found.py`).
    """

    DOORS: tuple[Door, ...]
    LIFE: Mapping[str, dt.timedelta]
    KEEPS: Mapping[str, frozenset[str]]

    def house(self, directory: Path, **stores: str) -> AbstractAsyncContextManager[House]:
        """The service, started."""


@asynccontextmanager
async def browser(app: FastAPI, cookies: Mapping[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """A browser of its own with these cookies."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    url = app.state.service.settings.public_url
    told = dict(cookies)
    async with httpx.AsyncClient(transport=transport, base_url=url, cookies=told) as client:
        yield client
