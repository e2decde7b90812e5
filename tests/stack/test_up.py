"""`cri up` brings everything up, keeps it up, and leaves nothing behind."""

import contextlib
import json
import os
import re
import signal
import socket
import sqlite3
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pyotp
import pytest
from cri_shared import clock
from cri_shared.processes import answers, script
from cri_shared.testing.identity import PASSWORD
from cri_shared.testing.waiting import until
from cri_stack.layout import SERVICES

from tests.stack.conftest import Platform
from tests.stack.memory import holds

Start = Callable[[], Platform]
pytestmark = [pytest.mark.nats, pytest.mark.timeout(150)]


def parts_of(platform: Platform) -> dict[str, psutil.Process]:
    """The children of a platform by the name of their command."""
    children = psutil.Process(platform.child.process.pid).children()
    return {re.sub(r".*/(cri-|nats-)?", "", _command(child)): child for child in children}


def _command(process: psutil.Process) -> str:
    line = process.cmdline()
    return line[1] if "python" in line[0] else line[0]


def cri(platform: Platform, *words: str) -> subprocess.CompletedProcess[str]:
    """Run another verb on a platform's directory."""
    command = [script("cri"), *words, "--var", str(platform.var)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def everything_is_ready(platform: Platform) -> bool:
    """Whether `cri status` finds nothing to look at."""
    return cri(platform, "status").returncode == 0


def invited(platform: Platform) -> tuple[str, str]:
    """(status, link) of an invitation's page."""
    link = cri(
        platform, "staff", "invite", "--role", "officer", "--role", "auditor",
        "--name", "Leen D.", "--email", "leen@staff.example",
    ).stdout.strip()  # fmt: skip
    return httpx.get(link).text, link


class TestOnePlatform:
    """Claims about a platform that runs, tried one after the other on the same one."""

    def test_everything_comes_up_works_and_stops(self, platforms: Start) -> None:
        platform = platforms()
        platform.wait("CRI is up")
        self.every_part_has_said_that_it_is_ready(platform)
        self.status_tells_programs_the_same(platform)
        self.nobody_else_may_read_keys_and_databases(platform)
        self.nothing_listens_beyond_this_machine(platform)
        self.no_service_knows_the_key_of_another(platform)
        self.an_invited_officer_becomes_staff(platform)
        self.a_killed_service_is_started_again(platform)
        self.a_second_platform_in_the_same_directory_is_refused(platform)
        self.it_stops_within_five_seconds_and_frees_its_ports(platform)
        platform = self.it_comes_up_again_and_says_who_is_needed(platform, platforms)
        leaves_no_orphan_when_killed(platform)

    def every_part_has_said_that_it_is_ready(self, platform: Platform) -> None:
        ready = set(re.findall(r"^(\w+) +ready", platform.output, re.MULTILINE))
        services = {"search", "intake", "research", "publishing", "training"}
        assert ready == services | {"nats", "index", "mail", "keys"}

    def status_tells_programs_the_same(self, platform: Platform) -> None:
        answer = cri(platform, "status", "--json")
        told = json.loads(answer.stdout)["result"]
        assert answer.returncode == 0
        assert all(part["good"] for part in told.values())
        assert told["intake"]["waiting"] == told["intake"]["dead"] == told["intake"]["gaps"] == 0
        assert told["search"]["lag"] == 0
        assert told["search"]["reasons"] == []
        assert told["index"]["documents"] == 0

    def nobody_else_may_read_keys_and_databases(self, platform: Platform) -> None:
        for path in platform.var.rglob("*"):
            if not stat.S_ISSOCK(path.lstat().st_mode) and "nats" not in path.parts:
                assert not path.lstat().st_mode & 0o077, path

    def nothing_listens_beyond_this_machine(self, platform: Platform) -> None:
        for part in parts_of(platform).values():
            for connection in part.net_connections("tcp"):
                assert connection.laddr.ip == "127.0.0.1"

    def no_service_knows_the_key_of_another(self, platform: Platform) -> None:
        key = (platform.var / "keys" / "index" / "search.key").read_text().strip()
        parts = parts_of(platform)
        assert [name for name in SERVICES if holds(parts[name].pid, key)] == ["search"]

    def an_invited_officer_becomes_staff(self, platform: Platform) -> None:
        page, link = invited(platform)
        assert link.startswith(f"http://127.0.0.1:{platform.base + 1}/console/invited/")
        secret = re.search(r"\b[A-Z2-7]{32}\b", page)
        assert secret
        code = pyotp.TOTP(secret[0]).at(clock.now())
        accepted = httpx.post(link, data={"password": PASSWORD, "code": code})
        assert accepted.status_code == 303
        assert "Leen D." in cri(platform, "staff", "list").stdout
        assert httpx.get(link).status_code == 404
        assert cri(platform, "staff", "disable", "leen@staff.example").returncode == 0
        assert "(disabled)" in cri(platform, "staff", "list").stdout

    def a_killed_service_is_started_again(self, platform: Platform) -> None:
        killed = parts_of(platform)["training"]
        killed.send_signal(signal.SIGKILL)
        platform.wait("training ended (killed by SIGKILL)")
        until(lambda: everything_is_ready(platform), timeout=60, what="training again")
        assert parts_of(platform)["training"].pid != killed.pid

    def a_second_platform_in_the_same_directory_is_refused(self, platform: Platform) -> None:
        second = cri(platform, "up")
        assert second.returncode == 2
        assert "already" in second.stderr

    def it_stops_within_five_seconds_and_frees_its_ports(self, platform: Platform) -> None:
        platform.child.send(signal.SIGTERM)
        assert platform.child.process.wait(20) == 0
        took = re.search(r"Stopped in ([\d.]+) s", platform.output)
        assert took
        assert float(took[1]) < 5
        assert not any(answers(platform.base + index) for index in range(8))

    def it_comes_up_again_and_says_who_is_needed(
        self, before: Platform, platforms: Start
    ) -> Platform:
        with contextlib.closing(sqlite3.connect(before.var / "db" / "intake.db")) as database:
            database.execute(
                "INSERT INTO dead_letters"
                " (event_id, subject, about, stream_sequence, tries, reason, letter, died_at)"
                " VALUES ('e', 'cri.research.question.returned.v1', 'r', 1, 6, 'RuntimeError',"
                " x'00', '2026-11-25 10:00:00.000000')"
            )
            database.commit()
        old = before.var / "log" / "intake-2020-02-02.log"
        old.write_text("{}\n")
        platform = platforms()
        platform.wait("intake      degraded: dead-letters")
        assert not old.exists()
        assert (old.parent / f"intake-{clock.today().isoformat()}.log").stat().st_size
        answer = cri(platform, "status", "--json")
        intake = json.loads(answer.stdout)["result"]["intake"]
        assert answer.returncode == 1
        assert (intake["dead"], intake["reasons"]) == (1, ["dead-letters"])
        assert "dead-letters" in cri(platform, "status").stdout
        return platform


def test_a_kill_without_warning_leaves_no_orphan(platforms: Start) -> None:
    platform = platforms()
    platform.wait("index       ready")
    leaves_no_orphan_when_killed(platform)


def test_ctrl_c_while_it_starts_stops_it_at_once(platforms: Start) -> None:
    platform = platforms()
    platform.wait("nats        ready")
    children = psutil.Process(platform.child.process.pid).children(recursive=True)
    platform.child.send(signal.SIGINT)
    assert platform.child.process.wait(20) == 0
    assert "Stopped in" in platform.output
    assert not any(map(_lives, children))


def leaves_no_orphan_when_killed(platform: Platform) -> None:
    """Kill it, and wait until everything that it started is gone."""
    children = psutil.Process(platform.child.process.pid).children(recursive=True)
    assert children
    os.kill(platform.child.process.pid, signal.SIGKILL)
    platform.child.process.wait()
    until(lambda: not any(_lives(child) for child in children), timeout=20, what="no orphan")


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_taken_port_is_named_with_who_needs_it_and_who_has_it(
    platforms: Callable[[int | None], Platform], tmp_path: Path
) -> None:
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        port = stranger.getsockname()[1]
        platform = platforms(port - 2)
        assert platform.child.process.wait(30) == 2
    assert f"Port {port} is needed by research" in platform.output
    assert f"(pid {os.getpid()}) has it" in platform.output
    assert "--port-base" in platform.output
    assert not (tmp_path / "var" / "db").exists()


def test_an_unknown_role_is_refused_in_words(platforms: Start) -> None:
    platform = platforms()
    platform.wait("keys        ready")
    answer = cri(
        platform, "staff", "invite", "--role", "king", "--name", "L", "--email", "l@staff.example"
    )
    assert answer.returncode == 2
    assert "There is no role king" in answer.stderr
