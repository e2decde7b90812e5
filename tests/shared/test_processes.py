import subprocess
import sys

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
