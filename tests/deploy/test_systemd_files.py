"""What an operator with systemd installs beside units: accounts, secrets, settings, commands."""

import importlib
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import psutil
import pytest
from cri_shared.privacy.keys import KeyRing
from cri_shared.processes import answers, script
from cri_shared.testing.processes import Child, free_port
from cri_shared.testing.waiting import until
from cri_stack.deployment import Deployment
from cri_stack.layout import SERVICES

from tests.deploy.conftest import DEPLOY, told_in
from tests.deploy.pages import broken_links, commands_of, unknown_commands

SYSTEMD = DEPLOY / "systemd"
README = (SYSTEMD / "README.md").read_text()
TYPED = re.findall(r"^    (\S.*)$", README, re.MULTILINE)
HOST = "127.0.0.1"


def environment_of(unit: str) -> dict[str, str]:
    """What the lines Environment= of a unit say."""
    lines = re.findall(r"^Environment=(.+)$", (SYSTEMD / unit).read_text(), re.MULTILINE)
    pairs = (pair.partition("=") for line in lines for pair in line.split())
    return {name: value for name, _, value in pairs}


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which programs that need root write down what they were asked."""
    shims = tmp_path / "shims"
    shims.mkdir()
    asked = tmp_path / "asked"
    (shims / "install").write_text(f"""#!/bin/sh
echo "$@" >> {asked}
while [ "$1" != "${{1#-}}" ]; do
  case $1 in -o|-g) shift 2;; -m) mode=$2; shift 2;; -d) directory=-d; shift;; *) exit 64;; esac
done
case $1 in /root/*) exit 0;; esac
exec /usr/bin/install -m "$mode" $directory "$@"
""")
    (shims / "systemd-run").write_text('#!/bin/sh\nfor word; do echo "$word"; done\n')
    for shim in shims.iterdir():
        shim.chmod(0o755)
    return f"{shims}:{os.environ['PATH']}"


@pytest.fixture
def handed_out(tmp_path: Path, path: str) -> Any:
    """Hands out what was made, to a directory in place of /etc/cri."""
    Deployment(tmp_path / "var", f"{HOST}:5432", (HOST,)).make()
    etc = tmp_path / "etc"
    etc.mkdir()

    def hand_out() -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(SYSTEMD / "hand-out"), str(tmp_path / "var")],
            env={"PATH": path, "CRI_ETC": str(etc)},
            capture_output=True,
            text=True,
            check=False,
        )

    return hand_out


class TestPage:
    def test_every_command_link_and_file_on_it_is_there(self) -> None:
        assert unknown_commands(README) == set()
        typed = {f"`{line}`" for line in TYPED if line.startswith("cri")}
        assert len(commands_of("\n".join(typed))) > 3
        assert unknown_commands("\n".join(typed)) == set()
        assert broken_links(SYSTEMD / "README.md") == set()
        installed = [line for line in TYPED if line.startswith("install ") and " -d " not in line]
        files = {word for line in installed for word in line.split()[1:] if "." in word[1:]}
        missing = {name for name in files if name[0] != "/" and not (SYSTEMD / name).exists()}
        assert len(files) > 8
        assert missing == set()

    def test_every_unit_on_it_is_installed_and_begins_with_the_machine(self) -> None:
        def named(line: str) -> set[str]:
            return {word for word in line.split() if word.endswith((".service", ".timer"))}

        begun = {
            unit.partition("@")[0]
            for line in TYPED
            if line.startswith("systemctl enable --now ")
            for unit in line.split()[3:]
        }
        units = {path for end in ("service", "timer") for path in SYSTEMD.glob(f"*.{end}")}
        installed = [named(line) for line in TYPED if "/etc/systemd/system" in line]
        assert set.union(*installed) == {unit.name for unit in units}
        wanted = {unit.name for unit in units if "[Install]" in unit.read_text()}
        assert wanted == {
            f"{one}{end}" for one in begun for end in ("", ".service", "@.service")
        } & {unit.name for unit in units}
        assert units - {SYSTEMD / name for name in wanted} == {SYSTEMD / "cri-backup.service"}

    def test_every_unit_and_account_is_made_before_it_is_used(self) -> None:
        accounts = dict(
            re.findall(
                r'^u (\S+) +-:cri ".+?" +(\S+)$', (SYSTEMD / "sysusers.conf").read_text(), re.M
            )
        )
        for unit in set(SYSTEMD.glob("*.service")) - {SYSTEMD / "cri-backup.service"}:
            user, home = re.findall(r"^(?:User|WorkingDirectory)=(.+)$", unit.read_text(), re.M)
            for service in SERVICES if "%i" in user else [""]:
                assert accounts.pop(user.replace("%i", service)) == home.replace("%i", service)
        assert accounts == {}


class TestHandOut:
    def test_each_service_can_be_told_with_it_and_opens_its_keys(
        self, tmp_path: Path, handed_out: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        etc = tmp_path / "etc"
        (etc / "common.env").write_text((SYSTEMD / "common.env.example").read_text())
        assert handed_out().returncode == 0
        for name in [name for name in os.environ if name.startswith("CRI_")]:
            monkeypatch.delenv(name)
        for service in SERVICES:
            with monkeypatch.context() as told:
                for file in (etc / "common.env", etc / f"{service}.env"):
                    for name, value in told_in(file).items():
                        told.setenv(name, value)
                settings = importlib.import_module(f"cri_{service}.settings").Settings()
            assert settings.public_url == settings.url_of(service)
            assert f"/{service}" in settings.database_url
            assert KeyRing.open(settings.key_dir).key_ids
            assert KeyRing.open(settings.identity_key_dir).key_ids
            assert settings.nats_encrypted
            assert settings.nats_ca_file == etc / service / "secrets/authority.pem"

    def test_an_account_gets_what_is_its_own_alone(self, tmp_path: Path, handed_out: Any) -> None:
        (tmp_path / "etc/common.env").write_text("")
        assert handed_out().returncode == 0
        given = [line for line in (tmp_path / "asked").read_text().splitlines() if " -o " in line]
        of = {part: f"cri-{part}" for part in (*SERVICES, "nats")}
        for line in given:
            owner = line.split(" -o ")[1].split()[0]
            for part, account in of.items():
                if re.search(rf"/(secrets|keys|etc)/{part}(/|$)", line):
                    assert owner == account, line
        made = {line.split(" -o ")[1].split()[0] for line in given}
        assert made == set(of.values())
        kept = [file for file in (tmp_path / "etc").rglob("*") if file.is_file()]
        assert {file.name for file in kept if file.stat().st_mode & 0o077} <= {"common.env"}
        assert not any(file.name in ("provision.seed", "authority.key") for file in kept)

    def test_again_it_brings_what_is_new_and_leaves_what_an_operator_wrote(
        self, tmp_path: Path, handed_out: Any
    ) -> None:
        etc = tmp_path / "etc"
        (etc / "common.env").write_text("CRI_INTAKE_URL=https://ask.example\n")
        assert handed_out().returncode == 0
        (etc / "intake.env").write_text("CRI_PUBLIC_URL=https://mine.example\n")
        added = KeyRing.open(tmp_path / "var/keys/intake").add()
        assert handed_out().returncode == 0
        assert (etc / "intake.env").read_text() == "CRI_PUBLIC_URL=https://mine.example\n"
        assert KeyRing.open(etc / "intake/keys").current == added

    def test_it_says_what_must_be_there_first(self, handed_out: Any) -> None:
        done = handed_out()
        assert done.returncode == 2
        assert "common.env is not there yet" in done.stderr


class TestCommands:
    def run(self, tmp_path: Path, path: str, name: str, *words: str) -> list[str]:
        """What systemd is asked where somebody types a command."""
        link = tmp_path / name
        link.symlink_to(SYSTEMD / "cri")
        told = {"PATH": path, "CRI_BACKUP_RECIPIENTS": "age1x"}
        done = subprocess.run([link, *words], env=told, capture_output=True, text=True, check=True)
        return done.stdout.splitlines()

    def test_one_of_a_service_runs_as_its_account_and_is_told_what_the_unit_is(
        self, tmp_path: Path, path: str
    ) -> None:
        asked = self.run(tmp_path, path, "cri-intake", "keys", "rotate")
        assert asked[-3:] == ["/opt/cri/bin/cri-intake", "keys", "rotate"]
        assert "--uid=cri-intake" in asked
        unit = (SYSTEMD / "cri@.service").read_text().replace("%i", "intake")
        files = re.findall(r"^EnvironmentFile=(.+)$", unit, re.MULTILINE)
        assert len(files) == 2
        asked_files = {word.rpartition("=")[2].lstrip("-") for word in asked if "File=" in word}
        assert asked_files == set(files)

    def test_a_key_that_services_would_not_have_is_not_made(self, path: str) -> None:
        """They read copies: what was wrapped under it, they could not open."""
        done = subprocess.run(
            [SYSTEMD / "cri", "keys", "rotate", "intake"],
            env={"PATH": path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (2, "")
        assert "Services read copies" in done.stderr

    def test_cri_is_told_where_the_databases_are_and_what_the_caller_was(
        self, tmp_path: Path, path: str
    ) -> None:
        asked = self.run(tmp_path, path, "cri", "backup", "--json")
        assert asked[-3:] == ["/opt/cri/bin/cri", "backup", "--json"]
        assert {"--setenv=CRI_BACKUP_RECIPIENTS", "--working-directory=/root/cri"} <= set(asked)
        for file in ("/root/cri/var/secrets/operator.env", "/etc/cri/backup.env"):
            assert f"--property=EnvironmentFile=-{file}" in asked
        assert not any(word.startswith("--uid") for word in asked)


class TestNats:
    def test_it_is_told_all_that_its_files_ask(self) -> None:
        files = [(DEPLOY / "nats" / name).read_text() for name in ("nats.conf", "cluster.conf")]
        asked = set(re.findall(r"\$(CRI_\w+)", "\n".join(files)))
        told = set(environment_of("nats-cri.service"))
        assert asked - told == {"CRI_NATS_STORE_KEY", "CRI_NATS_ROUTES"}

    @pytest.mark.nats
    def test_nobody_else_reaches_it_whatever_its_file_says(self, tmp_path: Path) -> None:
        told = environment_of("nats-cri.service")
        line = re.search(r"^ExecStart=(.+)$", (SYSTEMD / "nats-cri.service").read_text(), re.M)
        assert line
        words = re.sub(r"\$\{(\w+)\}", lambda name: told[name[1]], line[1]).split()
        port = free_port()
        conf = tmp_path / "nats.conf"
        conf.write_text(f"listen: 0.0.0.0:{port}\n")
        assert words[1:3] == ["-c", "/etc/cri/nats/nats.conf"]
        server = Child([script("nats-server"), "-c", str(conf), *words[3:]], tmp_path / "said.log")
        try:
            until(lambda: answers(port), what="nats-server")
            listening = psutil.Process(server.pid).net_connections(kind="inet")
            assert {one.laddr.ip for one in listening if one.status == "LISTEN"} == {HOST}
        finally:
            server.stop()
