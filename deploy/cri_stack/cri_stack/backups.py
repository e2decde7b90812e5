"""`cri backup` and `cri restore`: every service's own verbs, in order, for one machine."""

import datetime as dt
import json
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from cri_shared.backup import BackupFailed, BackupRefused
from cri_shared.backup.shelf import moments
from cri_shared.processes import script

from cri_stack import bus
from cri_stack.layout import SERVICES, Layout
from cri_stack.up import alone

PROCESSES = 3  # at once, so that their databases are of nearly one moment
IDENTITY, PARTS = "identity", ("data", "keys")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Wanted:
    """What is to be brought back, as of when, and in which words for each service's own verb."""

    key: str = field(repr=False)
    services: tuple[str, ...] = SERVICES
    parts: tuple[str, ...] = PARTS
    before: dt.datetime | None = None
    how: tuple[str, ...] = ()
    dry_run: bool = False


class Done(NamedTuple):
    """With which status verbs of services ended, what they told in JSON, and why one failed."""

    status: int
    told: Any
    why: str | None = None


def back_up(layout: Layout, say: Say, *, as_json: bool = False) -> Done:
    """Back up every service, and each identity store once; what is told is what was made."""
    bus.users(layout)  # a service without its seed does not start
    first = _with_identity(layout, SERVICES)
    form = ["--json"] if as_json else []
    with ThreadPoolExecutor(PROCESSES) as runs:
        every = [
            runs.submit(
                _run,
                _Verb(layout, service, ["backup", *form, *_without_identity(first[service])], say),
            )
            for service in SERVICES
        ]
    done = [one.result() for one in every]
    made = [part for one in done for part in one.told or []]
    why = "; ".join(one.why for one in done if one.why is not None)
    return Done(max(one.status for one in done), made, why or None)


def restore(layout: Layout, wanted: Wanted, say: Say, *, as_json: bool = False) -> Done:
    """Verify every backup first, then bring them back one after another, until one fails.

    Raises `AlreadyRunning` where the platform is up, `BackupRefused` where a backup is missing.
    """
    layout.var.mkdir(parents=True, exist_ok=True, mode=0o700)
    form = ["--json"] if as_json else []
    with alone(layout):
        bus.users(layout)
        words = {one: [*_restoring(layout, one, wanted), *form] for one in wanted.services}
        told: list[Any] = []
        for dry in (True,) if wanted.dry_run else (True, False):
            for service in wanted.services:
                dryly = ["--dry-run"] if dry else []
                verb = _Verb(layout, service, [*words[service], *dryly], say)
                done = _run(verb, wanted.key)
                if done.status:
                    return Done(done.status, told, done.why)
                if dry == wanted.dry_run:
                    told.append(done.told)
    return Done(0, told)


def run(layout: Layout, service: str, words: list[str], say: Say) -> Done:
    """Run one verb of a service as it is set here; what is told are the lines that it said."""
    said: list[str] = []

    def hear(line: str) -> None:
        say(line)
        said.append(line)

    return _run(_Verb(layout, service, words, hear))._replace(told=said)


def ask(layout: Layout, service: str, words: list[str], say: Say) -> tuple[int, Any]:
    """Run one verb of a service; gives its status, and the object that it tells programs."""
    done = _run(_Verb(layout, service, [*words, "--json"], say, answering=(0, 1)))
    return done.status, done.told


def _restoring(layout: Layout, service: str, wanted: Wanted) -> list[str]:
    told = layout.environment(service)
    with_identity = _with_identity(layout, wanted.services)[service]
    owners = (service, IDENTITY) if with_identity else (service,)
    places = {"data": Path(told["CRI_BACKUP_DIR"]), "keys": Path(told["CRI_BACKUP_KEYS_DIR"])}
    files = [
        str(_newest(places[part], owner, part, wanted.before))
        for owner in owners
        for part in wanted.parts
    ]
    listed = places["data"] / f"{service}-erasures.txt"
    known = ["--erasures", str(listed)] if listed.exists() and "data" in wanted.parts else []
    return ["restore", *files, "--key", "-", *known, *wanted.how]


def _newest(directory: Path, owner: str, part: str, before: dt.datetime | None) -> Path:
    every = moments(directory, owner, part)
    found = [path for at, path in every.items() if before is None or at <= before]
    if not found:
        raise BackupRefused(f"There is no backup of {owner}'s {part} in {directory}.")
    return found[-1]


def _with_identity(layout: Layout, services: tuple[str, ...]) -> dict[str, bool]:
    """For each service, whether it is the first of those that share its identity store."""
    seen: set[str] = set()
    first = {}
    for service in services:
        told, name = layout.environment(service), "IDENTITY_DATABASE_URL"
        url = told.get(f"CRI_{service.upper()}_{name}") or told[f"CRI_{name}"]
        first[service] = url not in seen
        seen.add(url)
    return first


def _without_identity(first: bool) -> list[str]:
    return [] if first else ["--no-identity"]


class _Verb(NamedTuple):
    layout: Layout
    service: str
    words: list[str]
    say: Say
    answering: tuple[int, ...] = (0,)  # the statuses with which it tells something in JSON


def _run(verb: _Verb, given: str = "") -> Done:
    """Run a service's verb, and say each line of it as it comes."""
    last = ""
    with subprocess.Popen(
        [script(f"cri-{verb.service}"), *verb.words],
        env=verb.layout.environment(verb.service),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        with process.stdin:
            process.stdin.write(given)
        for last in map(str.rstrip, process.stdout):
            if not last.startswith(("[{", "{")):
                verb.say(f"{verb.service:<10}  {last}")
    if process.returncode < 0:  # not its own word, and below that of whoever did well
        last = f"ended by signal {-process.returncode} before it was done"
        verb.say(f"{verb.service:<10}  {last}")
        return Done(BackupFailed.status, None, f"{verb.service}: {last}")
    as_json = "--json" in verb.words and process.returncode in verb.answering
    told = json.loads(last) if as_json and last.startswith(("[", "{")) else None
    why = f"{verb.service}: {last}" if process.returncode else None
    return Done(process.returncode, told, why)
