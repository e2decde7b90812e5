"""What changed between two texts, word by word."""

import re
from difflib import SequenceMatcher
from typing import Any, Literal

from cri_publishing.rules.draft import Draft, Source

Piece = tuple[Literal["same", "ins", "del"], str]


FACTS = (
    *("outcome", "sensitivity", "country", "region", "topics", "information_date"),
    *("period_from", "period_to", "answered_by", "tried"),
)


def facts_changed(before: Draft, after: Draft) -> list[tuple[str, Any, Any]]:
    """(name, before, after) of every fact that differs."""
    both = ((name, getattr(before, name), getattr(after, name)) for name in FACTS)
    return [(name, old, new) for name, old, new in both if old != new]


def sources_changed(before: Draft, after: Draft) -> tuple[list[Source], list[Source]]:
    """The sources that went, and those that came."""
    gone = [source for source in before.sources if source not in after.sources]
    return gone, [source for source in after.sources if source not in before.sources]


def words_changed(before: str, after: str) -> list[Piece]:
    """The pieces of both texts in reading order: kept, added, removed."""
    old, new = (re.findall(r"\s+|\S+", text) for text in (before, after))
    pieces: list[Piece] = []
    for kind, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            pieces.append(("same", "".join(old[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(("del", "".join(old[i1:i2])))
        if j2 > j1:
            pieces.append(("ins", "".join(new[j1:j2])))
    return pieces
