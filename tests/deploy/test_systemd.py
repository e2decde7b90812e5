"""Units name programs that there are, run without rights, and pass systemd's own check."""

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cri_shared.processes import script
from cri_stack.layout import SERVICES

from tests.deploy.conftest import DEPLOY

UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
ANALYZE = shutil.which("systemd-analyze")


def told_in(unit: Path) -> dict[str, str]:
    """What the section of the service says; of what is said twice, the last."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit)
    return dict(parser["Service"])


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_a_program_of_ours_without_rights(unit: Path) -> None:
    told = told_in(unit)
    program = Path(told["ExecStart"].split()[0])
    assert program.parent == Path("/opt/cri/bin")
    for service in SERVICES if "%i" in program.name else [""]:
        assert Path(script(program.name.replace("%i", service))).exists()
    assert told["User"].startswith("cri-")
    assert (told["CapabilityBoundingSet"], told["NoNewPrivileges"]) == ("", "yes")
    assert told["ProtectSystem"] == "strict"
    assert told["LogNamespace"] == "cri"
    assert (told["MemoryDenyWriteExecute"], told["PrivateUsers"]) == ("yes", "yes")
    assert told["LimitCORE"] == "0"  # what people wrote is in the memory of a process
    assert (
        told["SystemCallErrorNumber"] == "EPERM"
    )  # refused, not killed in the middle of a request
    assert "StartLimitIntervalSec=0\n" in unit.read_text()


def test_a_service_can_reach_its_database_and_take_its_time() -> None:
    """PostgreSQL's driver looks into the home, which ProtectHome= shuts; migrations may be long."""
    told = told_in(DEPLOY / "systemd/cri@.service")
    assert told["Environment"] == f"HOME={told['WorkingDirectory']}"
    assert told["TimeoutStartSec"] == "infinity"
    assert (
        "After=network-online.target postgresql.service"
        in (DEPLOY / "systemd/cri@.service").read_text()
    )


@pytest.mark.skipif(ANALYZE is None, reason="systemd is away")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_systemd_takes_a_unit(unit: Path, tmp_path: Path) -> None:
    name = unit.name.replace("@", "@intake")
    text = re.sub(r"/opt/cri/bin/\S+", "/bin/true", unit.read_text())
    (tmp_path / name).write_text(text)
    done = subprocess.run(
        [str(ANALYZE), "verify", "--man=no", str(tmp_path / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    about = [line for line in done.stderr.splitlines() if name in line]
    assert about == []
    (tmp_path / name).write_text(text.replace("Restart=always", "Restarts=always"))
    done = subprocess.run(
        [str(ANALYZE), "verify", "--man=no", str(tmp_path / name)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Restarts" in done.stderr
