"""What a process does not hold: each library costs memory, and time at the start."""

import subprocess
import sys

import pytest
from cri_shared.leaving_out import without


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        *((f"cri_{s}.__main__", "rich") for s in ("intake", "research", "publishing")),
        *((f"cri_{s}.__main__", "rich") for s in ("search", "training", "index")),
        ("cri_stack.bus", "faststream"),
        ("cri_stack.provisioning", "fastapi"),
        ("cri_stack.preparing", "fastapi"),
        ("cri_stack.up", "sqlalchemy"),
    ],
)
def test_a_process_starts_without(module: str, absent: str) -> None:
    looked = f"import sys, {module}; print({absent!r} in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", looked], capture_output=True, text=True, check=True
    )
    assert told.stdout == "False\n"


class TestLeavingOut:
    def test_what_is_left_out_is_missing_within_and_there_again_after_it(self) -> None:
        sys.modules.pop("this", None)
        with without("this"), pytest.raises(ModuleNotFoundError):
            __import__("this")
        assert "this" not in sys.modules

    def test_what_is_loaded_already_stays(self) -> None:
        with without("subprocess"):
            assert __import__("subprocess") is subprocess
        assert sys.modules["subprocess"] is subprocess
