"""What an index holds beside what it should hold: how much, one digest, and what differs."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

NAMED = 20  # ids in a line

Digests = Mapping[str, bytes]  # by id


@dataclass(frozen=True, slots=True)
class Content:
    """How many documents there are, and a digest of all that does not know their order."""

    documents: int
    digest: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """What should be there, what is, and the ids of what differs, in their order.

    So many as are `changing` differ because they changed while both sides were read, and count on
    neither.
    """

    wanted: Content
    found: Content
    missing: list[str]
    altered: list[str]
    unknown: list[str]
    changing: int

    @property
    def same(self) -> bool:
        """Whether the index holds exactly what it should."""
        return self.wanted == self.found

    def lines(self) -> Iterator[str]:
        """The same for people."""
        yield f"public    {_content(self.wanted)}"
        yield f"index     {_content(self.found)}"
        for name, ids in (
            ("missing", self.missing),
            ("altered", self.altered),
            ("unknown", self.unknown),
        ):
            if ids:
                more = f" and {len(ids) - NAMED} more" if len(ids) > NAMED else ""
                yield f"{name:<9} {len(ids):>8}: {', '.join(ids[:NAMED])}{more}"
        if self.changing:
            yield f"changing  {self.changing:>8}: not counted; compare again"


def compared(wanted: Digests, found: Digests, changing: Collection[str]) -> Comparison:
    """Both sides beside each other; what differs because it is changing counts on neither."""
    every = wanted.keys() | found.keys()
    differing = {each for each in every if wanted.get(each) != found.get(each)}
    left_out = differing & set(changing)
    differing -= left_out
    return Comparison(
        _content_of(wanted, wanted.keys() - left_out),
        _content_of(found, found.keys() - left_out),
        missing=sorted(differing - found.keys()),
        altered=sorted(differing & wanted.keys() & found.keys()),
        unknown=sorted(differing - wanted.keys()),
        changing=len(left_out),
    )


def digest_of(document: Mapping[str, Any]) -> bytes:
    """The same for documents that say the same, however their fields are ordered and 1 written."""
    return hashlib.sha256(json.dumps(_plain(document), sort_keys=True).encode()).digest()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _content_of(digests: Digests, ids: Collection[str]) -> Content:
    whole = hashlib.sha256()
    for each in sorted(ids):
        whole.update(digests[each])
    return Content(len(ids), whole.hexdigest())


def _content(content: Content) -> str:
    return f"{content.documents:>8} documents  {content.digest}"
