"""Texts taken apart into words when they come, so that a search need not do it for every hit."""

from array import array
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import NamedTuple

from cri_shared.index.text import forms_of_all, pieces

# The number of a text's first word among all words of its reading, and of the first after it.
Run = Sequence[int]


class Reading(NamedTuple):
    """The words of one text, or of several one after the other, as marks are sought in them.

    `places` are where the first word begins in its text, where it ends, where the second begins,
    and so on. `folded` and `stems` are lines of the words' forms in their order, each between
    blanks: so a form is sought without going through the words, and in all texts at once.
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

    @property
    def run(self) -> Run:
        """Where it is the reading of one text: all of its words."""
        return 0, len(self.places) // 2


def _line(forms: Sequence[str]) -> str:
    return f" {' '.join(forms)} "


Kept = tuple[dict[str, Run], str, str]


def packed(readings: Mapping[str, Reading]) -> tuple[Kept, bytes]:
    """The readings of texts by name as they are kept: which words are whose, two lines, places."""
    places = array("I")
    runs: dict[str, Run] = {}
    for name, read in readings.items():
        first = len(places) // 2
        places.extend(read.places)
        runs[name] = first, len(places) // 2
    told = [read for read in readings.values() if read.places]
    folded = _line([read.folded[1:-1] for read in told])
    stems = _line([read.stems[1:-1] for read in told])
    return (runs, folded, stems), places.tobytes()


def unpacked(kept: Kept, places: bytes) -> tuple[dict[str, Run], Reading]:
    """Whose words are which, and the one reading of all texts."""
    runs, folded, stems = kept
    return runs, Reading(memoryview(places).cast("I"), folded, stems)
