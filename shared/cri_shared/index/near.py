"""Known words that a misspelt one may stand for."""

import sys
from array import array
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

_LAST = chr(sys.maxunicode)


class WordList:
    """Known words, thousands of them, in the order in which they were given."""

    def __init__(self, words: Iterable[str]) -> None:
        given = list(words)
        order = sorted(range(len(given)), key=given.__getitem__)
        self._in_order = [given[at] for at in order]
        self._given = array("I", order)
        self._from_the_end = sorted(given, key=_turned)
        self._by_length: dict[int, list[str]] = {}
        for word in given:
            self._by_length.setdefault(len(word), []).append(word)

    def add(self, word: str) -> None:
        """Know one more word, the last."""
        at = bisect_left(self._in_order, word)
        self._given.insert(at, len(self._given))
        self._in_order.insert(at, word)
        insort(self._from_the_end, word, key=_turned)
        self._by_length.setdefault(len(word), []).append(word)

    def holds(self, word: str) -> bool:
        """Whether the word is known."""
        at = bisect_left(self._in_order, word)
        return self._in_order[at : at + 1] == [word]

    def completes(self, start: str) -> bool:
        """Whether a known word begins so."""
        at = bisect_left(self._in_order, start)
        return at < len(self._in_order) and self._in_order[at].startswith(start)

    def beginning(self, start: str) -> list[str]:
        """All known words that begin so."""
        return _beginning(self._in_order, start)

    def near(self, word: str, most: int) -> list[tuple[str, int]]:
        """(known word, mistakes) of all that the word may stand for, with so many mistakes or none.

        Those with the fewest first, then the shortest, then as given. A swap of neighbours is one
        mistake.
        """
        among = [self._one_off(word)] if most == 1 else self._as_long(word, most)
        return sorted(
            (
                (other, int(mistakes))
                for each in among
                for other, mistakes, _ in process.extract(
                    word, each, scorer=OSA.distance, score_cutoff=most, limit=None
                )
            ),
            key=lambda pair: (pair[1], len(pair[0]), self._place(pair[0])),
        )

    def _place(self, word: str) -> int:
        return self._given[bisect_left(self._in_order, word)]

    def _one_off(self, word: str) -> list[str]:
        """All known words with one mistake or none, and more: a mistake leaves one half whole.

        But for two letters that change places between the halves. A tenth of the time that it
        takes to look through all of that length.
        """
        half = len(word) // 2
        swapped = f"{word[: half - 1]}{word[half]}{word[half - 1]}{word[half + 1 :]}"
        found = {*_beginning(self._in_order, word[:half])}
        found.update(_beginning(self._from_the_end, _turned(word[half:]), _turned))
        if self.holds(swapped):
            found.add(swapped)
        return list(found)

    def _as_long(self, word: str, most: int) -> list[list[str]]:
        """All known words that are at most so many letters longer or shorter, by their length."""
        lengths = range(len(word) - most, len(word) + most + 1)
        return [self._by_length.get(length, []) for length in lengths]


def _turned(word: str) -> str:
    return word[::-1]


def _beginning(
    ordered: list[str], start: str, key: Callable[[str], str] | None = None
) -> list[str]:
    first = bisect_left(ordered, start, key=key)
    return ordered[first : bisect_left(ordered, start + _LAST, first, key=key)]
