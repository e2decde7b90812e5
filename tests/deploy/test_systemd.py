"""Units name programs that there are, run without rights, and pass systemd's own check."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cri_shared.processes import script
from cri_stack.layout import SERVICES

from tests.deploy.conftest import DEPLOY, told_in

SYSTEMD = DEPLOY / "systemd"
BACKUP = SYSTEMD / "cri-backup.service"
UNITS = sorted(SYSTEMD.glob("*.service"))
SERVING = [unit for unit in UNITS if unit != BACKUP]
ANALYZE = shutil.which("systemd-analyze")
HARDENED = re.compile(
    r"^((?:Protect|Private|Restrict|SystemCall)\w+|LimitCORE|LockPersonality|RemoveIPC)=.*$", re.M
)


def section(unit: Path, name: str = "Service") -> dict[str, str]:
    """What a section of a unit says; of what is said twice, the last."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit)
    return dict(parser[name])


def analyzed(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """What systemd says of something."""
    return subprocess.run(
        [str(ANALYZE), *words], capture_output=True, text=True, check=False, env={"LANG": "C"}
    )


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_program_of_ours_without_rights(unit: Path) -> None:
    told = section(unit)
    program = Path(told["ExecStart"].split()[0])
    assert program.parent == Path("/opt/cri/bin")
    for service in SERVICES if "%i" in program.name else [""]:
        assert Path(script(program.name.replace("%i", service))).exists()
    assert (told["CapabilityBoundingSet"], told["NoNewPrivileges"]) == ("", "yes")
    assert told["ProtectSystem"] == "strict"
    assert told["LogNamespace"] == "cri"
    assert (told["MemoryDenyWriteExecute"], told["PrivateUsers"]) == ("yes", "yes")
    assert told["LimitCORE"] == "0"  # what people wrote is in the memory of a process
    assert (
        told["SystemCallErrorNumber"] == "EPERM"
    )  # refused, not killed in the middle of a request


@pytest.mark.parametrize("unit", SERVING, ids=lambda unit: unit.name)
def test_a_part_has_an_account_and_is_tried_again_for_ever(unit: Path) -> None:
    told = section(unit)
    assert told["User"].startswith("cri-")
    assert told["Restart"] == "always"
    assert section(unit, "Unit")["StartLimitIntervalSec"] == "0"


def test_no_unit_may_more_than_another() -> None:
    """But that a backup sees one home, and the index speaks to this machine alone."""
    said = {unit.name: {line[0] for line in HARDENED.finditer(unit.read_text())} for unit in UNITS}
    assert len(said["cri@.service"]) > 20
    assert said.pop(BACKUP.name) ^ said["cri@.service"] == {"ProtectHome=tmpfs", "ProtectHome=yes"}
    assert all(lines == said["cri@.service"] for lines in said.values())


def test_a_service_can_reach_its_database_and_take_its_time() -> None:
    """PostgreSQL's driver looks into the home, which ProtectHome= shuts; migrations may be long."""
    told = section(SYSTEMD / "cri@.service")
    assert told["Environment"] == f"HOME={told['WorkingDirectory']}"
    assert told["TimeoutStartSec"] == "infinity"
    assert (
        "After=network-online.target postgresql.service" in (SYSTEMD / "cri@.service").read_text()
    )


class TestBackup:
    def test_it_reads_the_secrets_and_writes_the_backups_alone(self) -> None:
        told, example = section(BACKUP), told_in(SYSTEMD / "backup.env.example")
        assert told["ExecStart"] == "/opt/cri/bin/cri backup"
        assert told["Type"] == "oneshot"
        assert told["WorkingDirectory"] == told["BindReadOnlyPaths"] == "/root/cri"
        assert not {"BindPaths", "ReadWritePaths", "User", "Restart"} & set(told)
        written = Path("/var/lib") / told["StateDirectory"]
        places = [Path(example[name]) for name in ("CRI_BACKUP_DIR", "CRI_BACKUP_KEYS_DIR")]
        assert [place.parent for place in places] == [written, written]
        assert len(set(places)) == 2

    def test_it_is_told_what_the_command_is_told(self) -> None:
        """Or `cri restore` and `cri doctor` looked for its files elsewhere."""
        files = re.compile(r"EnvironmentFile=-?(/[\w/.-]+)")
        command = (SYSTEMD / "cri").read_text().replace("/etc/cri/$service.env", "")
        assert set(files.findall(BACKUP.read_text())) == set(files.findall(command))
        told = section(BACKUP)["Environment"].split()
        assert set(re.findall(r"--setenv=(CRI_\w+=\S+)", command)) == {told[1]}

    def test_every_night_a_timer_starts_it(self) -> None:
        timer = BACKUP.with_suffix(".timer")  # which names no unit: it is the one of its name
        told = section(timer, "Timer")
        assert set(told) == {"OnCalendar", "RandomizedDelaySec", "Persistent"}
        assert told["Persistent"] == "true"
        assert section(timer, "Install") == {"WantedBy": "timers.target"}

    @pytest.mark.skipif(ANALYZE is None, reason="systemd is away")
    def test_systemd_knows_when_that_is(self) -> None:
        told = section(BACKUP.with_suffix(".timer"), "Timer")
        for span in (told["RandomizedDelaySec"], section(BACKUP)["TimeoutStartSec"]):
            assert analyzed("timespan", span).returncode == 0
        said = analyzed("calendar", "--iterations=2", told["OnCalendar"])
        assert said.returncode == 0
        days = re.findall(r"(\d{4}-\d\d-\d\d) 02:15:00", said.stdout)
        assert len(set(days)) == 2
        assert analyzed("calendar", "*-*-* 26:15").returncode != 0


@pytest.mark.skipif(ANALYZE is None, reason="systemd is away")
@pytest.mark.parametrize("unit", [*UNITS, BACKUP.with_suffix(".timer")], ids=lambda unit: unit.name)
def test_systemd_takes_a_unit(unit: Path, tmp_path: Path) -> None:
    for one in (unit, *([BACKUP] if unit.suffix == ".timer" else [])):
        text = re.sub(r"/opt/cri/bin/\S+", "/bin/true", one.read_text())
        (tmp_path / one.name.replace("@", "@intake")).write_text(text)
    tried = tmp_path / unit.name.replace("@", "@intake")
    said = analyzed("verify", "--man=no", tried)
    assert [line for line in said.stderr.splitlines() if tried.stem in line] == []
    word = "Persistent" if unit.suffix == ".timer" else "Type"
    tried.write_text(tried.read_text().replace(f"{word}=", f"{word}s="))
    assert f"{word}s" in analyzed("verify", "--man=no", tried).stderr
