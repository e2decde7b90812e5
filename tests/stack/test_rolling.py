"""`cri upgrade roll`, with processes that stand in for services: in order, stopping, going on."""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from cri_shared.db.migrate import migrate
from cri_shared.release import Release
from cri_shared.testing.processes import free_base
from cri_shared.testing.waiting import until
from cri_stack import planning, rolling, running, supervisor
from cri_stack.health import answers_well
from cri_stack.layout import Layout
from cri_stack.logs import Logs, LogSettings
from cri_stack.rolling import CannotRoll, DidNotComeUp
from cri_stack.supervisor import Part, Supervisor

from tests.shared.growing import Growing

THREE = ("search", "intake", "research")
NEW = Release("0.2.0", "new")


@pytest.fixture
def growing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Growing:
    """The package that all three have their tables from."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, Growing.name, raising=False)
    return Growing(tmp_path)


@pytest.fixture
def layout(growing: Growing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    """A platform of three services, each with a database that grows."""
    monkeypatch.setattr(supervisor, "LONGEST_PAUSE", supervisor.FIRST_PAUSE)
    monkeypatch.setattr(planning, "SERVICES", THREE)
    monkeypatch.setattr(planning, "installed", lambda _package: NEW)
    made = Layout(tmp_path / "var", free_base())
    made.logs.mkdir(parents=True)
    (made.var / "db").mkdir()
    stores = [(one, growing.name, made.database_url(one)) for one in THREE]
    for module in (planning, rolling):
        monkeypatch.setattr(module, "stores", lambda _layout: iter(stores))
    for _, package, url in stores:
        migrate(package, url)
    return made


def releases(layout: Layout, service: str) -> Path:
    """What is installed of a service, for those that stand in."""
    return layout.var / f"{service}.release"


@asynccontextmanager
async def up(layout: Layout) -> AsyncIterator[None]:
    """While all three run the release before."""
    running.write_down(layout, running.ITSELF, os.getpid())
    logs = Logs(layout.logs, LogSettings())
    keeper = Supervisor(lambda _line: None, logs, partial(running.write_down, layout))
    program = str(Path(__file__).with_name("standing_in.py"))
    parts = []
    for service in THREE:
        releases(layout, service).write_text("0.1.0 old")
        told = (str(layout.ports[service]), layout.database_url(service), service)
        command = [sys.executable, program, *told, str(releases(layout, service))]
        ready = partial(answers_well, layout.url(service))
        parts.append(Part(service, command, layout.environment(), ready))
        await keeper.start(parts[-1])
    for part in parts:
        await keeper.wait_ready(part, 20)
    try:
        yield
    finally:
        await keeper.stop()
        logs.close()


async def roll(layout: Layout) -> list[str]:
    """Roll; gives what was said."""
    said: list[str] = []
    await asyncio.to_thread(rolling.roll, layout, said.append, 20)
    return said


async def test_it_stops_at_one_that_does_not_come_up_and_goes_on_from_there(
    layout: Layout,
) -> None:
    async with up(layout):
        for service in THREE:
            releases(layout, service).write_text(str(NEW))
        releases(layout, "intake").write_text("ends")
        with pytest.raises(DidNotComeUp, match=r"intake is not ready .*goes on from here"):
            await roll(layout)
        plan = planning.plan_of(layout)
        assert [one.running for one in plan.services] == [(str(NEW),), (), ("0.1.0 old",)]
        with pytest.raises(CannotRoll, match="intake does not run"):
            await roll(layout)
        releases(layout, "intake").write_text(str(NEW))
        await asyncio.to_thread(intake_runs, layout)
        said = await roll(layout)
        assert [line.split()[:2] for line in said] == [
            ["search", "runs"],
            ["intake", "runs"],
            ["research", "restarts:"],
            ["research", "ready"],
        ]
        plan = planning.plan_of(layout)
        assert not any(one.restarts for one in plan.services)


def intake_runs(layout: Layout) -> None:
    """Wait until it was started again."""
    until(lambda: planning.plan_of(layout).services[1].running != (), what="intake again")


async def test_services_do_not_start_before_what_they_need_is_there(
    layout: Layout, growing: Growing
) -> None:
    async with up(layout):
        growing.grow()
        with pytest.raises(CannotRoll, match="migrate` first: search, intake, research must grow"):
            await roll(layout)
