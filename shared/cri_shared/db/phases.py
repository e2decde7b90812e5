"""Phases of migrations: some only add (expand), some take something away (contract).

Release N and the one before it work on one database while services are rolled. So what the code of
one release no longer needs is taken away by a migration of the next: a revision says with
`prepares = ("cases.note",)` what its release has stopped using, or keeps to already, and a later
one with `phase = "contract"` takes it away. `released.json` beside the revisions says which were
released; it is there from the first release on, and what it names is never changed again.
"""

import ast
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from cri_shared.db.operations import Operations, operations_in

Phase = Literal["expand", "contract"]
RELEASED = "released.json"
FIRST_VERSION = "0.1.0"  # until it is out, the first revision of a package is written anew
_ID = re.compile(r"^revision\s*=\s*[\"'](?P<id>[^\"']+)[\"']", re.MULTILINE)
_DOWN = re.compile(r"^down_revision\s*=\s*[\"'](?P<id>[^\"']+)[\"']", re.MULTILINE)


class MigrationsWrong(Exception):
    """The revisions of a package cannot be rolled out one service at a time; says why."""


@dataclass(frozen=True)
class Revision:
    """One revision of a package as its file has it."""

    id: str
    down: str | None
    path: Path
    text: str = field(repr=False)

    @property
    def digest(self) -> str:
        """What shows that the file was changed."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def _told(self) -> dict[str, Any]:
        """The constants at the top of the file."""
        return {
            target.id: ast.literal_eval(line.value)
            for line in ast.parse(self.text).body
            if isinstance(line, ast.Assign)
            for target in line.targets
            if isinstance(target, ast.Name)
        }

    @property
    def said(self) -> Phase | None:
        """The phase that the file states, if it does."""
        phase: Phase | None = self._told.get("phase")
        return phase

    @property
    def prepares(self) -> tuple[str, ...]:
        """What a later revision may take away: `table`, or `table.column`."""
        return tuple(self._told.get("prepares", ()))

    @cached_property
    def operations(self) -> Operations:
        """What it does to the tables."""
        return operations_in(self.text)

    @property
    def phase(self) -> Phase:
        """Whether it takes something away; the first of a package has nothing to take away."""
        if self.down is None:
            return "expand"
        return self.said or ("contract" if self.operations.takes else "expand")


def history(package: str) -> list[Revision]:
    """The revisions of a package, oldest first; empty where it has none.

    Raises `MigrationsWrong` where they are no line. Alembic is not needed for it.
    """
    found = {one.down: one for one in _read(_versions(package))}
    line: list[Revision] = []
    while following := found.pop(line[-1].id if line else None, None):
        line.append(following)
    if found:
        stray = min(one.path.name for one in found.values())
        raise MigrationsWrong(f"{package}: {stray} does not follow from the others in one line")
    return line


@cache
def newest(package: str) -> str:
    """The newest revision that the code of this process knows; `-` where there is none."""
    line = history(package)
    return line[-1].id if line else "-"


def beyond(line: Sequence[Revision], revision: str | None) -> list[Revision]:
    """Those that come after a revision; all where a database has none yet."""
    ids = [one.id for one in line]
    return list(line[ids.index(revision) + 1 :] if revision in ids else line)


def _versions(package: str) -> Path | None:
    spec = find_spec(package)
    places = (spec.submodule_search_locations or []) if spec else []
    return Path(next(iter(places))) / "migrations" / "versions" if places else None


def _read(versions: Path | None) -> Iterator[Revision]:
    for path in sorted(versions.glob("*.py")) if versions else ():
        text = path.read_text()
        if own := _ID.search(text):
            down = _DOWN.search(text)
            yield Revision(own["id"], down["id"] if down else None, path, text)


def released(package: str) -> dict[str, str]:
    """The digest of every revision that was released, by its id; empty before the first release."""
    versions = _versions(package)
    file = versions.with_name(RELEASED) if versions else None
    if file is None or not file.exists():
        return {}
    told: dict[str, str] = json.loads(file.read_text())
    return told


def release(package: str) -> None:
    """Let what is there be released: from now on it stays. Raises `MigrationsWrong`."""
    check_phases(package, FIRST_VERSION)
    versions = _versions(package)
    assert versions is not None
    told = {one.id: one.digest for one in history(package)}
    versions.with_name(RELEASED).write_text(json.dumps(told, indent=1) + "\n")


def check_phases(package: str, version: str) -> None:
    """Raise `MigrationsWrong` where the release before would not get on with the revisions.

    `version` is what the code will be released as.
    """
    line, known = history(package), released(package)
    if not known:
        if version != FIRST_VERSION:
            raise MigrationsWrong(f"{package}: say which were released (make release)")
        return
    _refuse_changes(package, line, known)
    ready = {name for one in line if one.id in known for name in one.prepares}
    made: set[str] = set()
    contracts = False
    for one in line:
        if one.id in known:
            continue
        made |= one.operations.makes
        _refuse_mixture(one, made, contracts=contracts)
        if one.phase == "contract":
            contracts = True
            _refuse_unprepared(one, ready, made)


def _refuse_changes(package: str, line: list[Revision], known: dict[str, str]) -> None:
    there = {one.id: one.digest for one in line}
    for revision, digest in known.items():
        if there.get(revision) != digest:
            raise MigrationsWrong(f"{package}: {revision} was released and is not what it was")


def _refuse_mixture(one: Revision, made: set[str], *, contracts: bool) -> None:
    does, name = one.operations, one.path.name
    if does.unclear and one.said is None:
        raise MigrationsWrong(
            f"{name} runs statements of its own ({does.unclear[0]}): say phase = "
            '"expand" or "contract"'
        )
    takes = [what for what in does.takes if what.table not in made]
    if one.said == "expand" and takes:
        raise MigrationsWrong(f'{name}: {takes[0]}, so its phase is "contract"')
    if one.phase == "contract" and does.adds:
        raise MigrationsWrong(f"{name} also adds ({does.adds[0]}): make two revisions of it")
    if one.phase == "expand" and contracts:
        raise MigrationsWrong(f"{name} must come before those of its release that take away")


def _refuse_unprepared(one: Revision, ready: set[str], made: set[str]) -> None:
    for what in one.operations.takes:
        if what.name not in ready and what.table not in ready | made:
            raise MigrationsWrong(
                f"{one.path.name}: {what}, and the release before did not prepare for it: let a "
                f'revision of this release say prepares = ("{what.name}",), and take it away in '
                "the next one"
            )
