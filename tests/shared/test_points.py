"""Points: a process ends at the one that a test named, and nowhere else."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cri_shared.points import set_trap
from cri_shared.settings import ServiceSettings
from pydantic import ValidationError

WALK = """
import sys
from pathlib import Path
from cri_shared import points
points.arm(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
for number in range(1, 4):
    for point in ("a.begun", "a.done"):
        points.reached(point)
        print(point, number, flush=True)
"""
EVERY_STEP = [f"{point} {n}" for n in (1, 2, 3) for point in ("a.begun", "a.done")]


def walk(*arguments: str) -> tuple[int, list[str]]:
    """Pass two points three times each in a process; its end, and where it came by."""
    done = subprocess.run(
        [sys.executable, "-c", WALK, *arguments], capture_output=True, text=True, check=False
    )
    return done.returncode, [line for line in done.stdout.splitlines() if line in EVERY_STEP]


def settings(tmp_path: Path, **told: object) -> ServiceSettings:
    url = f"sqlite+aiosqlite:///{tmp_path}/a.db"
    at_home = {
        "service": "intake",
        "public_url": "http://127.0.0.1:8001",
        "port": 8001,
        "database_url": url,
        "identity_database_url": url,
        "key_dir": tmp_path,
        "identity_key_dir": tmp_path,
    }
    return ServiceSettings.model_validate(at_home | told)


class TestATrap:
    def test_ends_the_process_at_the_nth_passing_of_its_point(self, tmp_path: Path) -> None:
        trap = tmp_path / "trap"
        set_trap(trap, "a.done", 2)
        assert walk(str(trap)) == (-signal.SIGKILL, ["a.begun 1", "a.done 1", "a.begun 2"])

    def test_is_used_up_by_the_process_that_it_ended(self, tmp_path: Path) -> None:
        trap = tmp_path / "trap"
        set_trap(trap, "a.begun")
        assert walk(str(trap)) == (-signal.SIGKILL, [])
        assert not trap.exists()
        assert walk(str(trap)) == (0, EVERY_STEP)

    def test_for_a_point_that_nobody_passes_ends_nobody(self, tmp_path: Path) -> None:
        trap = tmp_path / "trap"
        set_trap(trap, "b.done")
        assert walk(str(trap)) == (0, EVERY_STEP)
        assert trap.exists()

    def test_cannot_wait_for_a_passing_before_the_first(self, tmp_path: Path) -> None:
        with pytest.raises(ValueError, match="first time"):
            set_trap(tmp_path / "trap", "a.done", 0)


def test_points_do_nothing_in_a_process_that_heeds_no_file() -> None:
    assert walk() == (0, EVERY_STEP)


def test_a_service_that_others_reach_refuses_to_heed_one(tmp_path: Path) -> None:
    assert settings(tmp_path, faults_file=tmp_path / "trap").faults_file == tmp_path / "trap"
    with pytest.raises(ValidationError, match="faults_file is for tests"):
        settings(tmp_path, faults_file=tmp_path / "trap", public_url="https://ask.example.be")
