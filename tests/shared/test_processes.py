import signal
import subprocess
import sys
from pathlib import Path

from cri_shared.testing.processes import Child

MEANWHILE = """
import os, subprocess, sys
from cri_shared.processes import die_with_parent

def another_thread():
    import concurrent.futures.thread, logging

os.register_at_fork(before=another_thread)
child = [sys.executable, "-c", "print('begun')"]
subprocess.run(child, preexec_fn=die_with_parent, check=True)
"""


def test_a_child_begins_without_complaint_whatever_is_imported_meanwhile() -> None:
    ran = subprocess.run([sys.executable, "-c", MEANWHILE], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "begun\n", "")


def test_a_child_heeds_ctrl_c_also_where_a_shell_began_us_in_the_background(
    tmp_path: Path,
) -> None:
    asked = "import signal; print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)"
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        child = Child([sys.executable, "-c", asked], tmp_path / "said.log")
        assert child.process.wait(60) == 0
    finally:
        signal.signal(signal.SIGINT, before)
    assert (tmp_path / "said.log").read_text() == "True\n"
