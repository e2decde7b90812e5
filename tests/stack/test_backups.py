"""`cri backup` and `cri restore`: a whole machine is lost, and another one goes on."""

import json
import os
import shutil
from pathlib import Path

import pytest
from cri_shared.backup import age
from cri_shared.testing.processes import free_base
from cri_stack import backup_verbs, backups, preparing
from cri_stack.layout import Layout
from cri_stack.up import alone
from typer import Typer
from typer.testing import CliRunner

PRIVATE, RECIPIENT = age.new_key()
TWO = ("search", "training")  # more would only take longer
command = Typer()
backup_verbs.add_backup_verbs(command)


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A prepared platform that is not up."""
    for name in [name for name in os.environ if name.startswith("CRI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CRI_BACKUP_RECIPIENTS", RECIPIENT)
    monkeypatch.setattr("os.umask", lambda _mask: 0)
    for module in (backup_verbs, backups, preparing):
        monkeypatch.setattr(module, "SERVICES", TWO)
    layout = Layout.of(tmp_path / "var", port_base=free_base())
    preparing.prepare(layout)
    layout.remember()
    return layout.var


def run(*words: str, status: int = 0, told: str = "") -> str:
    done = CliRunner().invoke(command, list(words), input=told)
    assert done.exit_code == status, (done.output, done.exception)
    return done.output


@pytest.mark.timeout(300)  # a dozen processes, one after another
def test_a_lost_machine_comes_back_on_another_one(var: Path) -> None:
    elsewhere = var.parent / "elsewhere"
    said = run("backup", "--var", str(var))
    assert said.count("bytes") == 2 * (len(TWO) + 1), "each service, and the identity store"
    shutil.move(var / "backups", elsewhere)
    shutil.rmtree(var)
    words = ("restore", "--key", "-", "--var", str(var))
    assert "There is no backup of search's data" in run(*words, status=2, told=PRIVATE)
    shutil.copytree(elsewhere, var / "backups")

    (damaged,) = (var / "backups" / "data").glob("search-*.age")
    whole = damaged.read_bytes()
    damaged.write_bytes(whole[:-1])
    refused = run(*words, status=2, told=PRIVATE)
    assert f"{damaged.name}: it is damaged or cut off" in refused
    assert not (var / "db").exists(), "one is damaged, so none is loaded"
    damaged.write_bytes(whole)

    done = CliRunner().invoke(command, [*words, "--json"], input=PRIVATE)
    told = json.loads(done.stdout)["result"]
    owners = [one["owner"] for service in told for one in service["backups"]]
    assert owners == ["identity", "search"] * 2 + ["training"] * 2
    assert all(service["restored"] for service in told)


def test_it_is_refused_while_the_platform_is_up(var: Path) -> None:
    layout = Layout.found(var)
    with alone(layout):
        said = run("restore", "--key", "-", "--var", str(var), status=2, told=PRIVATE)
    assert "runs in" in said
    assert "--only is one of data, keys" in run(
        "restore", "--key", "-", "--only", "all", status=2, told=PRIVATE
    )


def test_a_service_that_was_ended_has_no_backup(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a machine does that has no memory left; what the others made does not hide it."""
    killed = var.parent / "killed"
    killed.write_text('#!/bin/sh\n[ "$CRI_SEARCH_PORT" ] && kill -9 $$\nexit 0\n')
    killed.chmod(0o755)
    monkeypatch.setattr(backups, "script", lambda _name: str(killed))
    said = run("backup", "--var", str(var), status=1)
    assert said == "search      ended by signal 9 before it was done\n"
    told = json.loads(CliRunner().invoke(command, ["backup", "--json", "--var", str(var)]).stdout)
    assert told["error"] == "search: ended by signal 9 before it was done"
