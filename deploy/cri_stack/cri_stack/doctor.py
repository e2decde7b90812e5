"""What keeps the platform from working: every service's own checks, and what they take together."""

import json
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from cri_shared.cli.connections import REMEDY, Share
from cri_shared.processes import script

from cri_stack.layout import SERVICES, Layout

PROCESSES = 4  # at once


def examine(layout: Layout, say: Callable[[str], None]) -> bool:
    """Run `check` of every service, say each line, and give whether nothing is wrong."""
    well = True
    shares: list[Share] = []
    with ThreadPoolExecutor(PROCESSES) as runs:
        checks = [runs.submit(_run, layout, service, "check") for service in SERVICES]
        takes = [runs.submit(_run, layout, service, "connections") for service in SERVICES]
    for service, check, taken in zip(SERVICES, checks, takes, strict=True):
        say(service)
        for line in (check.result().stdout + check.result().stderr).splitlines():
            say(f"  {line}")
        well &= check.result().returncode == 0
        shares += _shares(taken.result().stdout)
    return _fit_together(shares, say) and well


def _run(layout: Layout, service: str, verb: str) -> subprocess.CompletedProcess[str]:
    environment = layout.environment(service)
    command = [script(f"cri-{service}"), verb]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def _shares(printed: str) -> list[Share]:
    """What a service told of its connections; nothing where its database does not answer."""
    try:
        told: list[dict[str, Any]] = json.loads(printed)
    except ValueError:
        return []
    return [Share(**share) for share in told]


def _fit_together(shares: list[Share], say: Callable[[str], None]) -> bool:
    """Whether the services find their connections, all of them at once."""
    fit = True
    for server in dict.fromkeys(share.server for share in shares):
        of_it = [share for share in shares if share.server == server]
        needed, given = sum(share.needed for share in of_it), min(share.given for share in of_it)
        together = Share(server, needed, given)
        fit &= together.fits
        say(f"ok      {together}" if together.fits else f"FAILED  {together}: {REMEDY}")
    return fit
