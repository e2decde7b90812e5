"""What a process does not hold: each library costs memory, and time at the start."""

import json
import subprocess
import sys
from functools import cache

import pytest
from cri_shared.leaving_out import without
from cri_stack.layout import SERVICES
from cri_stack.up import MAKING, SHARED

NURSERY = ", ".join(("cri_stack.nursery", *MAKING, *SHARED))


@cache
def loaded(modules: str) -> frozenset[str]:
    """All modules that a process has when it has loaded these."""
    told = subprocess.run(
        [sys.executable, "-c", f"import json, sys, {modules}; print(json.dumps([*sys.modules]))"],
        capture_output=True,
        text=True,
        check=True,
    )
    return frozenset(json.loads(told.stdout))


@pytest.mark.parametrize(
    ("module", "absent"),
    [
        *((f"cri_{s}.__main__", "rich") for s in (*SERVICES, "index")),
        ("cri_stack.bus", "faststream"),
        ("cri_stack.provisioning", "fastapi"),
        ("cri_stack.preparing", "fastapi"),
        ("cri_stack.up", "sqlalchemy"),
        (NURSERY, "rich"),
    ],
)
def test_a_process_starts_without(module: str, absent: str) -> None:
    assert absent not in loaded(module)


class TestNursery:
    def test_it_loads_what_all_services_load_but_for_a_trifle(self) -> None:
        all_load = frozenset.intersection(*(loaded(f"cri_{one}.__main__") for one in SERVICES))
        assert len(all_load) > 1000
        assert len(all_load - loaded(NURSERY)) < 20

    @pytest.mark.parametrize("service", SERVICES)
    def test_each_service_holds_for_it_no_library_that_it_would_not_load(
        self, service: str
    ) -> None:
        more = {one.split(".")[0] for one in loaded(NURSERY) - loaded(f"cri_{service}.__main__")}
        assert more - {"cri_shared", "cri_stack"} == {"_ctypes", "ctypes", "setproctitle"}

    def test_it_loads_nothing_of_a_service(self) -> None:
        theirs = tuple(f"cri_{service}" for service in (*SERVICES, "index"))
        assert [name for name in loaded(NURSERY) if name.startswith(theirs)] == []

    def test_it_has_one_thread_and_can_fork(self) -> None:
        looked = f"import os, {NURSERY}; print(len(os.listdir('/proc/self/task')))"
        told = subprocess.run(
            [sys.executable, "-c", looked], capture_output=True, text=True, check=True
        )
        assert told.stdout == "1\n"


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
