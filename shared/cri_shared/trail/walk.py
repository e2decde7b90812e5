"""Going along a chain, entry by entry, and naming what was done to it: no database here."""

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

START = "0" * 64  # what stands before the first entry
_COMPARED = 200  # entries that do not fit and are tried in each other's places


class Kind(StrEnum):
    """What was done to a chain."""

    ALTERED = "altered"  # an entry says something else than when it was sealed
    MOVED = "moved"  # an entry stands where another one was sealed
    MISSING = "missing"  # an entry, or its seal, was taken out
    CUT = "cut"  # the end is gone: another service saw a later head
    REPLACED = "replaced"  # the chain is another one than another service saw
    FORGED = "forged"  # a record of dropped entries is not ours, or came too early


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong: with which entries (numbers in the chain), and in words."""

    kind: Kind
    first: int
    last: int
    where: str = ""

    def __str__(self) -> str:
        numbers = str(self.first) if self.first == self.last else f"{self.first}-{self.last}"
        return f"{self.kind} {numbers}{f' ({self.where})' if self.where else ''}"


@dataclass(frozen=True)
class Head:
    """How far a chain was at the end of a day, as a service kept it."""

    service: str
    day: str
    number: int
    mac: str
    kept_by: str = ""


class Entry(NamedTuple):
    """One link of a chain: `content` is None where the entry that it seals is gone."""

    number: int
    mac: str
    content: bytes | None
    audit_id: int = 0


@dataclass(frozen=True)
class Report:
    """What came of going along a chain."""

    entries: int
    findings: list[Finding]
    last: int
    unsealed: int = 0
    compared: int = 0  # heads that other services kept
    mac: str = START  # of the last entry
    after: int = 0  # the entries up to this number were not looked at
    whole_on: dt.date | None = None  # when all of the chain was last gone along

    @property
    def whole(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings


def content_of(row: Any) -> bytes:
    """What of an audit row is sealed: everything but the place in which it lies."""
    at = row.at.isoformat(timespec="microseconds")
    told = [at, row.actor_id, row.actor, row.action, row.about, row.facts]
    return json.dumps(told, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def mac_of(key: bytes, number: int, before: str, content: bytes) -> str:
    """HMAC-SHA256, in hex, over an entry's number, the mac before it and its content."""
    message = f"{number}:{before}:".encode() + hashlib.sha256(content).digest()
    return hmac.digest(key, message, "sha256").hex()


class _Misfit(NamedTuple):
    entry: Entry
    before: str


@dataclass
class Walk:
    """Goes along a chain from `before` (the mac in front of entry `number` + 1)."""

    key: bytes
    number: int = 0
    before: str = START
    entries: int = 0
    findings: list[Finding] = field(default_factory=list)
    _misfits: list[_Misfit] = field(default_factory=list)
    _wanted: dict[int, list[Head]] = field(default_factory=dict)
    _begins_after: int = 0

    def expect(self, heads: Iterable[Head]) -> None:
        """Compare with what others kept; heads of what was dropped since cannot be compared."""
        self._begins_after = self.number
        for head in heads:
            if head.number > self.number:
                self._wanted.setdefault(head.number, []).append(head)
            elif head.number == self.number and head.mac != self.before:
                self._differs(head)

    def take(self, entry: Entry) -> None:
        """The next entry, in the order of numbers."""
        self.entries += 1
        if entry.number != self.number + 1:
            last = max(entry.number - 1, self.number + 1)
            self.findings.append(Finding(Kind.MISSING, self.number + 1, last, "seal"))
        elif entry.content is None:
            self.findings.append(Finding(Kind.MISSING, entry.number, entry.number, "entry"))
        elif entry.mac != mac_of(self.key, entry.number, self.before, entry.content):
            self._misfits.append(_Misfit(entry, self.before))
        for head in self._wanted.pop(entry.number, ()):
            if head.mac != entry.mac:
                self._differs(head)
        self.number, self.before = entry.number, entry.mac

    def end(self) -> list[Finding]:
        """Everything that is wrong, in the order of numbers."""
        self.findings += self._named()
        for heads in self._wanted.values():
            for head in heads:
                if head.number > self.number:
                    cut = Finding(Kind.CUT, self.number + 1, head.number, _seen(head))
                    self.findings.append(cut)
        return sorted(dict.fromkeys(self.findings), key=lambda one: (one.first, one.kind))

    def _differs(self, head: Head) -> None:
        self.findings.append(Finding(Kind.REPLACED, head.number, head.number, _seen(head)))

    def _named(self) -> Iterator[Finding]:
        """What does not fit: moved where it fits in another place, altered where it fits none."""
        for entry, before in self._misfits:
            others = (one.entry for one in self._misfits[:_COMPARED] if one.entry is not entry)
            there = next((one for one in others if self._fits(entry, before, one)), None)
            if there is None:
                yield Finding(Kind.ALTERED, entry.number, entry.number)
            else:
                where = f"now at {there.number}"
                yield Finding(Kind.MOVED, entry.number, entry.number, where)

    def _fits(self, entry: Entry, before: str, other: Entry) -> bool:
        content = other.content
        return content is not None and entry.mac == mac_of(self.key, entry.number, before, content)


def _seen(head: Head) -> str:
    keeper = f"{head.kept_by} saw it" if head.kept_by else "seen"
    return f"{keeper} on {head.day}"
