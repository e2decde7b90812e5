"""A small disk is gone when who mounted it is, however that ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cri_shared.testing.waiting import until

MOUNTS = """
import sys, time
from pathlib import Path
from tests.faults.disk import SmallDisk
disk = SmallDisk(Path(sys.argv[1]))
disk.mount()
print(disk.mounted, flush=True)
time.sleep(600)
"""


def test_what_a_killed_run_had_mounted_does_not_stay(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    command = [sys.executable, "-c", MOUNTS, str(disk)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout
        if run.stdout.readline() != "True\n":
            run.kill()
            pytest.skip("this machine does not let us mount a small file system")
        assert os.path.ismount(disk)
        run.send_signal(signal.SIGKILL)
    until(lambda: not os.path.ismount(disk), what="the disk unmounted")
