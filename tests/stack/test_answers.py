"""Every verb of `cri` that reports something answers programs too, all in one shape."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from cri_shared.backup import age
from cri_shared.privacy.keys import KeyRing
from cri_shared.processes import script
from cri_shared.testing.processes import free_base
from cri_stack import auditing, backup_verbs, backups, bus, doctor, key_verbs, planning, preparing
from cri_stack import status as statuses
from cri_stack.__main__ import command
from cri_stack.layout import Layout
from typer.main import get_command
from typer.testing import CliRunner

PRIVATE, RECIPIENT = age.new_key()
ONE = ("training",)  # more would only take longer
# These run until they are stopped, or print what another program takes as it is.
OTHERS = {"up", "demo", "demo-code", "nats-users", "nats-config", "keys kubernetes"}
# How each is called here, with the exit status; `{var}` is the directory.
CALLS: dict[str, tuple[str, int]] = {
    "prepare": ("", 0),
    "provision": ("", 2),
    "status": ("", 1),
    "doctor": ("", 1),
    "audit": ("", 0),
    "backup": ("", 0),
    "restore": ("--key {var}/backup.key --dry-run --without-list --replace", 0),
    "rebuild-index": ("", 2),
    "migrate-store": ("--to {var}/nothing.env", 2),
    "staff invite": ("--role trainer --name Leen --email leen@staff.example", 0),
    "staff list": ("", 0),
    "staff disable": ("leen@staff.example", 2),
    "keys make": ("{var}/secrets", 0),
    "keys add": ("{var}/secrets training", 0),
    "keys list": ("", 0),
    "keys rotate": ("training", 0),
    "upgrade plan": ("", 0),
    "upgrade migrate": ("", 0),
    "upgrade roll": ("", 2),
    "upgrade guide": ("compose", 0),
}


def verbs(group: click.Command, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """Every verb with its words."""
    if not hasattr(group, "commands"):
        yield before.strip(), group
        return
    for name, one in group.commands.items():
        yield from verbs(one, f"{before} {name}")


def options(one: click.Command) -> set[str]:
    return {word for parameter in one.params for word in parameter.opts}


def test_every_verb_is_among_those_that_are_tried() -> None:
    known = dict(verbs(get_command(command)))
    assert set(known) == set(CALLS) | OTHERS
    assert {name for name, one in known.items() if "--json" in options(one)} == set(CALLS)


@pytest.fixture
def var(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A platform that is not up."""
    for name in [name for name in os.environ if name.startswith("CRI_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CRI_BACKUP_RECIPIENTS", RECIPIENT)
    monkeypatch.setattr("os.umask", lambda _mask: 0)
    for module in (
        *(auditing, backup_verbs, backups, doctor, key_verbs, planning, preparing, statuses),
    ):
        monkeypatch.setattr(module, "SERVICES", ONE)
    layout = Layout.of(tmp_path / "var", port_base=free_base())
    layout.remember()
    bus.users(layout)  # a service without its seed does not start
    (tmp_path / "var" / "backup.key").write_text(PRIVATE)
    return tmp_path / "var"


def asked(name: str, var: Path) -> dict[str, Any]:
    """What a verb answers programs: one object, and nothing else where programs read."""
    words, status = CALLS[name]
    given = [*name.split(), *words.format(var=var).split(), "--json"]
    if "--var" in options(dict(verbs(get_command(command)))[name]):
        given += ["--var", str(var)]
    done = CliRunner().invoke(command, given)
    assert done.exit_code == status, (done.output, done.exception)
    told: dict[str, Any] = json.loads(done.stdout)
    assert list(told) == ["verb", "status", "error", "result"]
    assert (told["verb"], told["status"]) == (name, status)
    assert (told["error"] is None) == (told["result"] is not None)
    return told


@pytest.mark.timeout(300)  # dozens of processes, one after another
def test_each_answers_with_one_object(var: Path) -> None:
    told = {name: asked(name, var) for name in CALLS}
    results = {name: one["result"] for name, one in told.items()}
    assert [one["store"] for one in results["prepare"]] == ["identity", *ONE]
    assert results["status"]["training"]["status"] == "does not answer"
    found = {(one["service"], one["what"].partition(":")[0]): one for one in results["doctor"]}
    assert found["training", "keys"]["good"]
    assert not found["training", "nats"]["good"]
    assert results["audit"]["training"]["whole"]
    assert {one["owner"] for one in results["backup"]} == {"identity", *ONE}
    assert [one["restored"] for one in results["restore"]] == [False]
    assert results["staff list"] == [], "who was invited has no account yet"
    assert told["staff disable"]["error"] == "There is no such account."
    assert results["staff invite"]["link"].startswith("http")
    assert list(results["keys list"]) == ["identity", "training"]
    assert "is made" in results["keys rotate"]["said"][0]
    assert [one["service"] for one in results["upgrade plan"]["services"]] == list(ONE)
    assert "NATS" in told["provision"]["error"]
    assert told["rebuild-index"]["error"].startswith("publishing: ")
    assert "does not run" in told["upgrade roll"]["error"]
    assert "docker compose up provision" in results["upgrade guide"]


def test_people_get_lines(var: Path) -> None:
    said = CliRunner().invoke(command, ["upgrade", "plan", "--var", str(var)]).stdout
    assert "training" in said
    assert "not running" in said
    assert "make one first (cri backup)" in said
    assert "to come: " in said
    assert "{" not in said
    done = CliRunner().invoke(command, ["upgrade", "guide", "abacus"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "compose, kubernetes, systemd" in done.stderr


ANYWHERE = {
    "prepare",
    "restore",
    "keys make",
    "keys add",
    "upgrade guide",
}  # they make it, or no --var


@pytest.mark.parametrize("name", sorted(set(CALLS) - ANYWHERE))
def test_a_directory_that_was_mistyped_is_named_and_left_alone(name: str, tmp_path: Path) -> None:
    """Nobody looks for a fault of a platform that is somewhere else."""
    away = tmp_path / "mistyped"
    words = [*name.split(), *CALLS[name][0].format(var=away).split(), "--var", str(away)]
    done = CliRunner().invoke(command, words)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == f"There is no platform in {away}: name its directory with --var.\n"
    assert not away.exists()
    told = json.loads(CliRunner().invoke(command, [*words, "--json"]).stdout)
    assert (told["status"], told["result"]) == (2, None)


@pytest.mark.parametrize("name", ["status", "up", "prepare", "nats-users", "keys make"])
def test_a_file_in_place_of_the_directory_is_one_line(name: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    where = [str(file)] if name == "keys make" else ["--var", str(file)]
    done = subprocess.run(
        [script("cri"), *name.split(), *where], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1
    assert str(file) in done.stderr
    assert "Errno" not in done.stderr


def test_what_a_start_left_and_cannot_be_read_is_one_line(var: Path) -> None:
    (var / "stack.json").write_text("{")
    done = CliRunner().invoke(command, ["status", "--var", str(var)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"{var}/stack.json cannot be read; `cri up`")


class TestStaff:
    """What an operator types at night, before anything else may be there."""

    @pytest.mark.parametrize("name", ["staff list", "staff invite", "staff disable"])
    def test_without_keys_or_database_it_says_so_in_a_line(self, name: str, var: Path) -> None:
        words = [*name.split(), *CALLS[name][0].split(), "--var", str(var)]
        done = CliRunner().invoke(command, words)
        assert (done.exit_code, done.stdout) == (2, "")
        assert "there is no key directory" in done.stderr
        KeyRing.create(var / "keys" / "identity")
        whole = [script("cri"), *words]  # a process: the driver's thread outlives the verb
        ended = subprocess.run(whole, capture_output=True, text=True, check=False)
        assert (ended.returncode, ended.stdout) == (2, "")
        log, said = ended.stderr.splitlines()
        assert "identity.store.away" in log, "beside the answer"
        assert said.startswith("The database of people does not answer, or holds no tables")

    def test_nobody_is_invited_by_what_is_no_address(self, var: Path) -> None:
        words = ["staff", "invite", "--role", "officer", "--name", "Leen", "--var", str(var)]
        done = CliRunner().invoke(command, [*words, "--email", "leen"])
        assert (done.exit_code, done.stdout) == (2, "")
        assert done.stderr == "leen is no e-mail address.\n"

    def test_an_empty_list_is_said_to_be_empty(self, var: Path) -> None:
        assert CliRunner().invoke(command, ["prepare", "--var", str(var)]).exit_code == 0
        done = CliRunner().invoke(command, ["staff", "list", "--var", str(var)])
        assert (done.exit_code, done.stdout) == (0, "Nobody has an account so far.\n")
