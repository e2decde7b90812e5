"""Whether the audit trail of every service is whole, beside what the others kept of it."""

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from cri_shared.processes import script

from cri_stack.layout import SERVICES, Layout

PROCESSES = 4  # at once


def verify_all(
    layout: Layout, say: Callable[[str], None]
) -> tuple[bool, dict[str, dict[str, object]]]:
    """Check every trail with the heads that the other services kept; gives whether all are whole,
    and of each whether it is and what was found.

    Says a line for each service, and each thing that was done to a trail.
    """
    with ThreadPoolExecutor(PROCESSES) as runs:
        asked = [runs.submit(_run, layout, one, "heads") for one in SERVICES]
        heads = "".join(one.result().stdout for one in asked)
        checks = [
            runs.submit(_run, layout, one, "verify", "--heads", "-", told=heads) for one in SERVICES
        ]
    trails: dict[str, dict[str, object]] = {}
    for service, check in zip(SERVICES, checks, strict=True):
        said = (check.result().stdout + check.result().stderr).splitlines()
        for line in said:
            say(f"{service:<10}  {line}")
        trails[service] = {"whole": check.result().returncode == 0, "said": said}
    every = [*asked, *checks]
    return all(one.result().returncode == 0 for one in every), trails


def _run(
    layout: Layout, service: str, *words: str, told: str = ""
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [script(f"cri-{service}"), "audit", *words],
        env=layout.environment(service),
        input=told,
        capture_output=True,
        text=True,
        check=False,
    )
