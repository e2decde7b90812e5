"""Passages: a text cut into sentences, with what points to a person taken out."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from cri_shared.privacy.gate import Suspect

_END = re.compile(r"[.!?;\u2026\u061f](?=\s)|\n")


@dataclass(frozen=True)
class Piece:
    """Words of a passage, or (with `instead`, an English msgid) general words for what they say."""

    text: str
    instead: str = ""


Passage = tuple[Piece, ...]


def passages(text: str, found: Sequence[Suspect]) -> list[Passage]:
    """The sentences of a text in order; what was found in it stands in no piece.

    Where a text is cut depends on the text alone, so passages keep their numbers whatever is found.
    """
    return [tuple(_pieces(text, start, end, found)) for start, end in spans(text)]


def spans(text: str) -> list[tuple[int, int]]:
    """Where the sentences of a text begin and end; blank ones are none."""
    cuts = [0, *(match.end() for match in _END.finditer(text)), len(text)]
    return [(start, end) for start, end in pairwise(cuts) if text[start:end].strip()]


def _pieces(text: str, start: int, end: int, found: Sequence[Suspect]) -> list[Piece]:
    pieces, at = [], start
    for one in sorted(found, key=lambda suspect: suspect.start):
        if one.end <= at or one.start >= end:
            continue
        if one.start > at:
            pieces.append(Piece(text[at : one.start]))
        pieces.append(Piece("", one.suggestion))
        at = min(one.end, end)
    return pieces + ([Piece(text[at:end])] if at < end else [])
