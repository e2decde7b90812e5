"""Texts taken apart into words when they come, so that a search need not do it for every hit."""

from array import array
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from cri_shared.index.text import forms_of_all, pieces

_Lines = tuple[str, str]


class Reading(NamedTuple):
    """A text's words, as marks are sought in them.

    `places` are where the first word begins, where it ends, where the second begins, and so on.
    `folded` and `stems` are lines of the words' forms in their order, each between blanks: so a
    form is sought without going through the words.
    """

    places: Sequence[int]
    folded: str
    stems: str

    @classmethod
    def of(cls, text: str, language: str) -> "Reading":
        """Read a text in a language as `language_of` gives it."""
        parts = pieces(text)
        found = forms_of_all(parts[1::2], language)
        folded, stems = zip(*found, strict=True) if found else ((), ())
        places = array("I", accumulate(map(len, parts[:-1])))
        return cls(places, _line(folded), _line(stems))


def _line(forms_of_words: Sequence[str]) -> str:
    return f" {' '.join(forms_of_words)} "


def packed(readings: Mapping[str, Reading]) -> tuple[dict[str, tuple[int, str, str]], bytes]:
    """The readings as they are kept: (how many places, its lines) of each, and all places."""
    places = array("I")
    for read in readings.values():
        places.extend(read.places)
    lines = {name: (len(read.places), *read[1:]) for name, read in readings.items()}
    return lines, places.tobytes()


def unpacked(lines: Mapping[str, tuple[int, str, str]], places: bytes) -> dict[str, Reading]:
    """The readings as they were."""
    rest = memoryview(places).cast("I")
    readings: dict[str, Reading] = {}
    for name, (count, folded, stems) in lines.items():
        readings[name], rest = Reading(rest[:count], folded, stems), rest[count:]
    return readings
