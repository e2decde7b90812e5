"""Sendings: what may be sent twice, in every way in which that happens, and what each must do.

An operation is a route that knows a request again, by an `Idempotency-Key` or by the token of a
form. Which cells there are follows from the table: every operation, in every `How`.
"""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from fastapi import FastAPI


class How(StrEnum):
    """How something is sent."""

    AGAIN = "the same again"
    CHANGED = "the same key, another body"
    ANOTHERS = "the same key, from somebody else"
    ELSEWHERE = "the same key, at another route"
    AT_ONCE = "five times at once, at two processes"
    WITHOUT = "without a key"
    MALFORMED = "with a malformed key"
    LATE = "again, when the key is over"
    BROKEN = "again, after its end was not written"


@dataclass(frozen=True)
class Told:
    """The statuses of the answers, one after another, and how often it happened.

    With `alike` the answers that were good are the same to the byte.
    """

    statuses: tuple[int, ...]
    times: int = 1
    alike: bool = False


@dataclass(frozen=True)
class Sending:
    """One request: its path, what it says, who sends it; the `key` goes where the operation has it.

    `changed` is what another body says, and `other` the same request of somebody else.
    """

    path: str
    says: Mapping[str, Any]
    key: str
    cookies: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    changed: Mapping[str, Any] = field(default_factory=dict)
    other: "Sending | None" = None


@dataclass(frozen=True)
class Operation:
    """A route that knows what it was sent before; `kind` is what the house makes a sending for.

    `life` is how long it knows it. With `by_header` it is an API. `tells` states what differs from
    what its family answers; `cannot` says why a way is not tried.
    """

    route: str
    kind: str
    tells: Mapping[How, Told] = field(default_factory=dict)
    cannot: Mapping[How, str] = field(default_factory=dict)
    by_header: bool = False
    good: int = 303
    again: int = 303
    life: dt.timedelta = dt.timedelta(days=1, seconds=1)

    def ways(self, beside: "Operation") -> list[How]:
        """The ways that there are; `beside` is another operation, for a key at another route."""
        apart = beside.kind == self.kind or beside.by_header is not self.by_header
        none = {*self.cannot, *([How.ELSEWHERE] if apart else [])}
        return [how for how in How if how not in none]

    def wants(self, how: How) -> Told:
        """What the table states."""
        return self.tells.get(how) or (_by_key if self.by_header else _by_form)(self)[how]


def _by_key(operation: Operation) -> Mapping[How, Told]:
    """What every operation with an `Idempotency-Key` does."""
    good, again = operation.good, operation.again
    return {
        How.AGAIN: Told((good, again), alike=True),
        How.CHANGED: Told((good, 422)),
        How.ANOTHERS: Told((good, good), times=2),
        How.AT_ONCE: Told((good,) * 5, alike=True),
        How.WITHOUT: Told((422,), times=0),
        How.MALFORMED: Told((422,), times=0),
        How.LATE: Told((good, good), times=2),
        How.BROKEN: Told((500, good)),
    }


def _by_form(operation: Operation) -> Mapping[How, Told]:
    """What every form with a token of its own does: what came first counts."""
    good, again = operation.good, operation.again
    return {
        How.AGAIN: Told((good, again)),
        How.CHANGED: Told((good, again)),
        How.ANOTHERS: Told((good, again)),
        How.AT_ONCE: Told(tuple(sorted([good] + [again] * 4))),
        How.WITHOUT: Told((422,), times=0),
        How.MALFORMED: Told((422,), times=0),
        How.LATE: Told((good, 422)),
        How.BROKEN: Told((500, good)),
    }


class Workplace(Protocol):
    """One service in two processes' worth of apps on one database."""

    apps: tuple[FastAPI, FastAPI]

    async def sending(self, kind: str) -> Sending:
        """A fresh request of a kind, which was not sent yet."""

    async def later(self, kind: str) -> None:
        """What the service does by itself once the time of such a request has passed."""


Open = Callable[[Path, str | None], AbstractAsyncContextManager[Workplace]]
Step = Callable[[], Awaitable[None]]


class Written(Protocol):
    """The module of one service's operations."""

    OPERATIONS: tuple[Operation, ...]

    def workplace(self, directory: Path, **stores: str) -> AbstractAsyncContextManager[Workplace]:
        """The service, started twice on its database."""
