"""Whether every role may do what the table says, and nothing else, at every route."""

import asyncio
import datetime as dt
from collections import Counter
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from cri_shared import clock
from cri_shared.events import SERVICES
from cri_shared.identity.guard import permitted
from cri_shared.identity.policy import Policy, routes_of
from fastapi import FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts

from tests.bench.report import Row
from tests.security.platform import databases
from tests.security.report import none_of
from tests.security.roles.cells import Cell, Stage, play
from tests.security.roles.planting import planted

NOTHING = Dependant()
AT = dt.datetime(2026, 11, 25, 9, 0, tzinfo=dt.UTC)


@dataclass(frozen=True)
class Played:
    """Every cell of a service's table, where it differs from the routes, what was taken in vain."""

    cells: list[Cell]
    differs: list[str]
    planted: list[str]

    @property
    def wrong(self) -> list[Cell]:
        """The cells that are not as the table says."""
        return [cell for cell in self.cells if not cell.holds]


def differences(app: FastAPI) -> list[str]:
    """Routes without an action, actions without a route, doors that do not ask who is there."""
    policy: Policy = app.state.policy
    there = dict(routes_of(app))
    told = [f"{route} is not in the table" for route in sorted(there.keys() - policy.routes)]
    told += [f"{route} is no route" for route in sorted(policy.routes - there.keys())]
    for context in iter_route_contexts(app.routes):
        for method in context.methods or ():
            action = policy.action_at(f"{method} {context.path}")
            asked = {need.call for need in getattr(context, "dependant", NOTHING).dependencies}
            if action is not None and action.for_staff is not (permitted in asked):
                told.append(f"{method} {context.path} asks somebody else than the table says")
    return told


class Opens(Protocol):
    """The module of one service's stage."""

    def stage(self, directory: Path, **stores: str) -> AbstractAsyncContextManager[Stage]:
        """The service with something in it."""


def stage_of(service: str) -> Opens:
    """The stage of a service."""
    opens: Opens = import_module(f"tests.security.roles.{service}")  # type: ignore[assignment]
    return opens


async def played(service: str, directory: Path, **stores: str) -> Played:
    """Try every cell of one service's table."""
    with clock.frozen(AT):
        async with stage_of(service).stage(directory, **stores) as stage:
            marks = await planted(stage)
            return Played([cell async for cell in play(stage)], differences(stage.app), marks)


async def _all(service: str, **stores: str) -> Played:
    with TemporaryDirectory() as directory:
        return await played(service, Path(directory), **stores)


def measure() -> list[Row]:
    """How many cells were tried on each database, and how many are not as the table says."""
    rows, every = [], []
    with databases() as kinds:
        for kind, fresh in kinds.items():
            tables = {service: asyncio.run(_all(service, **fresh())) for service in SERVICES}
            every += tables.values()
            rows += [
                Row(f"{kind}: {service}", len(table.cells), "", note=_kinds(table))
                for service, table in tables.items()
            ]
            tested = sum(len(table.cells) for table in tables.values())
            rows.append(Row(f"{kind}: cells tested", tested, ""))
    return [
        *rows,
        none_of("cells that are not as the table says", [one for t in every for one in t.wrong]),
        none_of("routes and tables that differ", [one for t in every for one in t.differs]),
        none_of("fields taken that are not of the form", [one for t in every for one in t.planted]),
    ]


def _kinds(table: Played) -> str:
    kinds = Counter(cell.wanted for cell in table.cells)
    return ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())


def missed() -> list[str]:
    """The cells that are not as their table says."""
    tables = [asyncio.run(_all(service)) for service in SERVICES]
    return [str(cell) for table in tables for cell in table.wrong]
