"""What keeps the platform from working.

Every service's own checks, how those that are up say that they are, and what they take together.
"""

import json
import socket
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from cri_shared.cli.connections import REMEDY, Share
from cri_shared.processes import script

from cri_stack import status
from cri_stack.health import SECONDS
from cri_stack.layout import SERVICES, Layout

PROCESSES = 4  # at once


@dataclass(frozen=True)
class Finding:
    """What one check found; `service` is None for what all of them take together."""

    service: str | None
    good: bool
    what: str


def examine(layout: Layout, say: Callable[[str], None]) -> list[Finding]:
    """Run `check` of every service, say each line, and give all that was found."""
    findings: list[Finding] = []
    shares: list[Share] = []
    with ThreadPoolExecutor(PROCESSES) as runs:
        checks = [runs.submit(_run, layout, service, "check") for service in SERVICES]
        takes = [runs.submit(_run, layout, service, "connections") for service in SERVICES]
    for service, check, taken in zip(SERVICES, checks, takes, strict=True):
        say(service)
        done = check.result()
        findings += [_found(service, line, say) for line in done.stdout.splitlines()]
        if done.returncode and all(one.good for one in findings if one.service == service):
            findings += [
                _found(service, f"FAILED  {line}", say) for line in done.stderr.splitlines()
            ] or [_found(service, f"FAILED  exit status {done.returncode}", say)]
        findings.append(_found(service, _at_work(layout, service), say))
        shares += _shares(taken.result().stdout)
    return findings + _fit_together(shares, say)


def _at_work(layout: Layout, service: str) -> str:
    """The line about the process of a service, where there is one."""
    found = status.service(layout, service)
    if found.good:
        return f"ok      is up, at {found.url}"
    if found.reasons:
        return (
            f"FAILED  is up, and says {', '.join(found.reasons)}: PartUnavailable in the runbooks"
        )
    if not _listens(found.url):
        return f"ok      is not up, at {found.url}"
    return f"FAILED  listens at {found.url} and {found.status}: keep its log, and start it again"


def _listens(url: str) -> bool:
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname or "", parts.port or 80), SECONDS):
            return True
    except OSError:
        return False


def _found(service: str, line: str, say: Callable[[str], None]) -> Finding:
    say(f"  {line}")
    verdict, _, what = line.partition("  ")
    return Finding(service, verdict != "FAILED", what.strip())


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


def _fit_together(shares: list[Share], say: Callable[[str], None]) -> list[Finding]:
    """Whether the services find their connections, all of them at once: a finding per server."""
    findings = []
    for server in dict.fromkeys(share.server for share in shares):
        of_it = [share for share in shares if share.server == server]
        needed, given = sum(share.needed for share in of_it), min(share.given for share in of_it)
        together = Share(server, needed, given)
        what = str(together) if together.fits else f"{together}: {REMEDY}"
        say(f"ok      {what}" if together.fits else f"FAILED  {what}")
        findings.append(Finding(None, together.fits, what))
    return findings
