"""Texts taken apart into words when they come, so that a search need not do it for every hit."""

from collections.abc import Iterator
from typing import NamedTuple

from cri_shared.index.text import forms, pieces


class Reading(NamedTuple):
    """A text's words, as marks are sought in them.

    `lengths` are those of what stands before the first word, of that word, of what follows it, of
    the second word, and so on. `folded` and `stems` are lines of the words' forms in their order,
    each between blanks: so a form is sought without going through the words.
    """

    lengths: list[int]
    folded: str
    stems: str

    @classmethod
    def of(cls, text: str, language: str) -> "Reading":
        """Read a text in a language as `language_of` gives it."""
        parts = pieces(text)
        found = [forms(word, language) for word in parts[1::2]]
        return cls(
            [len(part) for part in parts],
            _line(folded for folded, _ in found),
            _line(stemmed for _, stemmed in found),
        )


def _line(forms_of_words: Iterator[str]) -> str:
    return f" {' '.join(forms_of_words)} "


def words_at(line: str, part: str) -> Iterator[tuple[int, int]]:
    """(place, number of the word that stands there) of every occurrence of a part in a line."""
    at = line.find(part)
    while at >= 0:
        yield at, line.count(" ", 0, at + 1) - 1
        at = line.find(part, at + 1)
