"""`cri upgrade` on one machine: what it plans, what it refuses, where it stops and goes on."""

import json
import re
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from cri_shared.db.phases import history
from cri_shared.processes import script
from cri_shared.testing.waiting import until
from cri_stack.guide import COMMANDS
from cri_stack.health import ask
from cri_stack.layout import SERVICES, Layout
from cri_stack.rolling import CannotRoll, roll
from cri_stack.running import process_of

from tests.stack.conftest import Platform
from tests.stack.installed import Installation

pytestmark = [pytest.mark.nats, pytest.mark.timeout(300)]
BROKEN = "\nraise RuntimeError('a release that does not start')\n"
CHANGED = "\n# A newer release.\n"
LEAVING = 'sa.Column("id", sa.Integer(), primary_key=True), sa.Column("gone", sa.Integer())'


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """A release with a column in training's database that nobody uses any more."""
    made = Installation(tmp_path / "installed")
    (first,) = history("cri_training")
    does = f'op.create_table("leaving", {LEAVING})'
    made.add_revision("cri_training", first.id, does, head='prepares = ("leaving.gone",)')
    monkeypatch.setenv("PYTHONPATH", str(made.path))
    return made


def upgrade(platform: Platform, *words: str, status: int = 0) -> dict[str, Any]:
    """What `cri upgrade` answers programs."""
    command = [script("cri"), "upgrade", *words, "--json", "--var", str(platform.var)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == status, (done.stdout, done.stderr)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def tables(platform: Platform) -> str:
    """How training's tables are made."""
    with closing(sqlite3.connect(platform.var / "db" / "training.db")) as database:
        rows = database.execute("SELECT sql FROM sqlite_master WHERE name IN ('leaving', 'coming')")
        return " ".join(sql for (sql,) in rows)


def pids(platform: Platform) -> dict[str, int | None]:
    layout = Layout.found(platform.var)
    found = {name: process_of(layout, name) for name in SERVICES}
    return {name: process.pid if process else None for name, process in found.items()}


@pytest.mark.long
def test_one_machine_goes_to_another_release(
    installation: Installation, platforms: Callable[[], Platform]
) -> None:
    platform = platforms()
    platform.wait("CRI is up")
    plan = upgrade(platform, "plan")["result"]
    assert [one["running"] == [one["installed"]] for one in plan["services"]] == [True] * 5
    assert not any(store["steps"] for store in plan["stores"])
    assert plan["itself"] == plan["itself_installed"]

    adds = installation.add_revision(
        "cri_training", "r1", 'op.create_table("coming", sa.Column("id", sa.Integer()))'
    )
    takes = installation.add_revision("cri_training", adds, 'op.drop_column("leaving", "gone")')
    installation.change("cri_shared/words.py", CHANGED)
    the_plan_says_what_will_be_done(platform, adds, takes)
    services_wait_for_what_they_need(platform)
    what_they_may_need_stays_for_older_ones(platform, takes)
    it_stops_at_one_that_does_not_come_up(platform, installation)
    it_goes_on_where_it_stopped(platform, installation)
    assert "gone" not in tables(platform)
    plan = upgrade(platform, "plan")["result"]
    assert [one["running"] == [one["installed"]] for one in plan["services"]] == [True] * 5
    assert not any(store["steps"] for store in plan["stores"])
    assert plan["itself"] != plan["itself_installed"]


def the_plan_says_what_will_be_done(platform: Platform, adds: str, takes: str) -> None:
    plan = upgrade(platform, "plan")["result"]
    for one in plan["services"]:
        assert one["running"] != [one["installed"]], one
        assert (one["backup_hours"], one["backup_is_recent"]) == (None, False)
    steps = {store["store"]: store["steps"] for store in plan["stores"]}
    assert {name for name, some in steps.items() if some} == {"training"}
    expand, contract = steps["training"]
    assert (expand["revision"], expand["phase"], expand["waits_for"]) == (adds, "expand", [])
    assert (contract["revision"], contract["phase"]) == (takes, "contract")
    assert contract["waits_for"][0].startswith("training (all) ")


def services_wait_for_what_they_need(platform: Platform) -> None:
    before = pids(platform)
    refused = upgrade(platform, "roll", status=2)
    assert refused["error"] == "Run `cri upgrade migrate` first: training must grow."
    assert pids(platform) == before


def what_they_may_need_stays_for_older_ones(platform: Platform, takes: str) -> None:
    done = {one["store"]: one for one in upgrade(platform, "migrate")["result"]}
    assert done["training"]["waiting"] == [takes]
    assert done["training"]["waits_for"][0].startswith("training (all) ")
    assert done["intake"]["waiting"] == []
    assert "coming" in tables(platform)
    assert "gone" in tables(platform)


def it_stops_at_one_that_does_not_come_up(platform: Platform, installed: Installation) -> None:
    before = pids(platform)
    installed.change("cri_research/__main__.py", BROKEN)
    refused = upgrade(platform, "roll", status=1)
    assert re.match(r"research is not ready \d+ seconds after its restart \(it", refused["error"])
    assert "goes on from here" in refused["error"]
    after = pids(platform)
    same = {name for name in SERVICES if after[name] == before[name]}
    assert same == {"publishing", "training"}
    assert "gone" in tables(platform)


def it_goes_on_where_it_stopped(platform: Platform, installed: Installation) -> None:
    before = pids(platform)
    installed.change_back("cri_research/__main__.py", BROKEN)
    until(lambda: research_runs(platform), timeout=60, what="research again")
    done = upgrade(platform, "roll")["result"]
    assert [one["service"] for one in done] == ["publishing", "training"]
    after = pids(platform)
    same = {name for name in SERVICES if after[name] == before[name]} - {"research"}
    assert same == {"search", "intake"}


def research_runs(platform: Platform) -> bool:
    """Whether `cri up` has started it again by itself."""
    code, _ = ask(f"{Layout.found(platform.var).url('research')}/health/ready")
    return code == 200


def test_a_platform_that_is_not_up_is_not_rolled(tmp_path: Path) -> None:
    with pytest.raises(CannotRoll, match="`cri up` starts the release that is installed"):
        roll(Layout(tmp_path / "var"), print)


def test_the_guide_has_the_commands_that_are_printed() -> None:
    text = (Path(__file__).parents[2] / "deploy" / "UPGRADING.md").read_text()
    told = re.findall(r"^    (?!cri )(\S.*?)\s*(?:  # .*)?$", text, re.MULTILINE)
    assert told == [line for lines in COMMANDS.values() for line in lines]
