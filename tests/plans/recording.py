"""Recording: the statements that a service sends to its database, and what made it do so."""

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlencode

from cri_shared.bus import seals
from cri_shared.identity.policy import ANYBODY, Action
from cri_shared.identity.staff import ROLES
from cri_shared.service import Service
from fastapi import FastAPI
from sqlalchemy import event
from sqlalchemy.engine import Engine

from tests.security.roles.cells import (
    OWN,
    PARAMETER,
    QUERIES,
    Person,
    Stage,
    browser,
    member,
)

_LISTS = re.compile(r"IN \((?:[?$:\w]+(?:, )?)+\)")
ANEW = {"range": "pages=all"}  # no range of ours: who brings one gets no answer that is kept
MAKING = "the making of the stage"  # in which tests look things up as well
_READS = ("SELECT", "UPDATE", "DELETE", "WITH")


@dataclass(frozen=True)
class Statement:
    """What was sent, with the values of the first time."""

    sql: str
    values: Any
    by: str


@dataclass
class Recorded:
    """Statements by what they are, lists of another length not told apart."""

    database: str
    by: str = MAKING
    every: dict[str, Statement] = field(default_factory=dict)

    def take(self, sql: str, values: Any) -> None:
        """Remember a statement that reads rows."""
        if sql.lstrip().upper().startswith(_READS):
            self.every.setdefault(_LISTS.sub("IN (...)", sql), Statement(sql, values, self.by))


@contextmanager
def recording(database: str) -> Iterator[Recorded]:
    """Record what this process sends to a database, by its name, while the block runs."""
    found = Recorded(database)

    def take(
        connection: Any, _cursor: Any, sql: str, values: Any, _context: Any, many: bool
    ) -> None:
        if connection.engine.url.database == database:
            found.take(sql, values[0] if many else values)

    event.listen(Engine, "before_cursor_execute", take)
    try:
        yield found
    finally:
        event.remove(Engine, "before_cursor_execute", take)


@dataclass(frozen=True)
class Operation:
    """Something that a service does for somebody or by itself, to be done once or many times."""

    name: str
    do: Callable[[], Awaitable[object]]


async def pages(stage: Stage, more: Mapping[str, Sequence[Mapping[str, str]]]) -> list[Operation]:
    """Every page of a service, opened by everybody whose page it is.

    `more` are further questions that the address of a page may carry.
    """
    policy = stage.app.state.policy
    people = [*stage.people, Person("anybody", browser(stage.app))]
    asked_for = {role for action in policy.actions.values() for role in action.roles}
    there = {person.role for person in people}
    people += [await member(stage.app, role) for role in sorted(asked_for & ROLES.keys() - there)]
    found = []
    for person in people:
        for route in sorted(policy.routes):
            method, _, path = route.partition(" ")
            names, action = stage.names(route, OWN), policy.action_at(route)
            if method != "GET" or names is None or not _is_theirs(action, person):
                continue
            address = PARAMETER.sub(lambda part, names=names: names[part[1]], path)
            for asked in (QUERIES.get(route, {}), *more.get(path, ())):
                kind = f"{person.role} {path} {urlencode(asked)}".strip()
                found.append(Operation(kind, partial(_open, person, address, asked)))
    return found


def _is_theirs(action: Action | None, person: Person) -> bool:
    if action is None:
        return False
    return person.role in action.roles or (person.role == ANYBODY and ANYBODY in action.roles)


async def _open(person: Person, address: str, asked: Mapping[str, str]) -> int:
    answer = await person.client.get(address, params=asked, headers={**ANEW, **person.headers})
    if answer.status_code >= 500 and answer.status_code != 503:
        raise RuntimeError(f"{address}: {answer.status_code}")
    return answer.status_code


def work(app: FastAPI) -> list[Operation]:
    """Every duty of the clockwork, its jobs, the report on keeping, and what reconciles."""
    service: Service = app.state.service

    async def all_checked() -> None:
        async with service.database.reading() as session:
            report = await service.trail.check(session)
        async with service.database.writing() as done:
            await service.trail.note_check(done, report, "a test")

    async def checked() -> None:
        async with service.database.reading() as session:
            assert (await service.trail.check_further(session)).whole

    async def reconciled() -> None:
        async with service.database.writing() as done:
            await seals.compare(done, service.upkeep.gaps.subjects, again=True)
            await service.upkeep.gaps.look(done)

    duties = service.clockwork._duties.items()
    return [
        *(Operation(f"duty {name}", one.task) for name, one in duties),
        Operation("jobs", service.clockwork.do_jobs),
        Operation("report on keeping", service.retention.report),
        Operation("reconcile", reconciled),
        Operation("whole check of the audit trail", all_checked),
        Operation("check of the audit trail", checked),
    ]
