"""The processes of a platform that is up, as `cri up` writes them down for other commands."""

import json
from contextlib import suppress

import psutil
from cri_shared.release import installed

from cri_stack.layout import Layout

ITSELF = "cri"  # the process that looks after the others


def write_down(layout: Layout, part: str, pid: int) -> None:
    """Let others find the process of a part."""
    release = installed("cri_stack")
    known = {"pid": pid, "began": psutil.Process(pid).create_time(), "release": str(release)}
    layout.write_running(part, json.dumps(known))


def process_of(layout: Layout, part: str) -> psutil.Process | None:
    """The process of a part; None where none runs, whoever has its number now."""
    known = _known(layout, part)
    with suppress(psutil.Error, KeyError):
        process = psutil.Process(known["pid"])
        if process.create_time() == known["began"] and process.is_running():
            return None if process.status() == psutil.STATUS_ZOMBIE else process
    return None


def release_of_itself(layout: Layout) -> str | None:
    """The release of the `cri up` that runs; None where none does."""
    told = _known(layout, ITSELF).get("release")
    return str(told) if told and process_of(layout, ITSELF) else None


def _known(layout: Layout, part: str) -> dict[str, float]:
    with suppress(OSError, ValueError):
        known: dict[str, float] = json.loads(layout.running(part).read_text())
        return known
    return {}
