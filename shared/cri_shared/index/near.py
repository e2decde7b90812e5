"""Known words that a misspelt one may stand for."""

import sys
from array import array
from bisect import bisect_left, insort
from collections.abc import Callable, Iterable, Iterator

from rapidfuzz import process
from rapidfuzz.distance import OSA

_LAST = chr(sys.maxunicode)
_BETWEEN = "\n"  # is in no word
_THIRDS = 6  # letters from which a third of a word tells something


class WordList:
    """Known words, thousands of them, in the order in which they were given."""

    def __init__(self, words: Iterable[str]) -> None:
        given = list(words)
        order = sorted(range(len(given)), key=given.__getitem__)
        self._in_order = [given[at] for at in order]
        self._given = array("I", order)
        self._from_the_end = sorted(given, key=_turned)
        by_length: dict[int, list[str]] = {}
        for word in given:
            by_length.setdefault(len(word), []).append(word)
        self._by_length = {length: _BETWEEN.join(each) for length, each in by_length.items()}

    def add(self, word: str) -> None:
        """Know one more word, the last."""
        at = bisect_left(self._in_order, word)
        self._given.insert(at, len(self._given))
        self._in_order.insert(at, word)
        insort(self._from_the_end, word, key=_turned)
        others = self._by_length.get(len(word))
        self._by_length[len(word)] = word if others is None else f"{others}{_BETWEEN}{word}"

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
        found = process.extract(
            word, list(self._among(word, most)), scorer=OSA.distance, score_cutoff=most, limit=None
        )
        return sorted(
            ((other, int(mistakes)) for other, mistakes, _ in found),
            key=lambda pair: (pair[1], len(pair[0]), self._place(pair[0])),
        )

    def _place(self, word: str) -> int:
        return self._given[bisect_left(self._in_order, word)]

    def _among(self, word: str, most: int) -> Iterable[str]:
        """All known words with so many mistakes or none, and more.

        To compare each word of that length takes ten times as long: they lie all over the memory.
        """
        if most == 1:
            return self._one_off(word)
        lengths = range(len(word) - most, len(word) + most + 1)
        if most == 2 and len(word) >= _THIRDS:
            return [other for other in self._two_off(word, lengths) if len(other) in lengths]
        return (other for each in lengths for other in self._by_length.get(each, "").split())

    def _one_off(self, word: str) -> set[str]:
        """A mistake leaves one half whole, but where two letters change places between them."""
        half = len(word) // 2
        found = {*self._starting(word[:half]), *self._ending(word[half:])}
        if self.holds(swapped := _swapped(word, half)):
            found.add(swapped)
        return found

    def _two_off(self, word: str, lengths: Iterable[int]) -> set[str]:
        """Two mistakes leave a third whole, but where two letters change places between thirds."""
        second, third = len(word) // 3, len(word) - len(word) // 3
        early, late = _swapped(word, second), _swapped(word, third)
        found = {*self._starting(word[:second]), *self._ending(word[third:])}
        found.update(self._holding(word[second:third], lengths))
        found.update(self._starting(early[:third]), self._ending(late[second:]))
        if self.holds(swapped := _swapped(early, third)):
            found.add(swapped)
        return found

    def _starting(self, start: str) -> list[str]:
        return _beginning(self._in_order, start)

    def _ending(self, end: str) -> list[str]:
        return _beginning(self._from_the_end, _turned(end), _turned)

    def _holding(self, piece: str, lengths: Iterable[int]) -> Iterator[str]:
        """The known words of these lengths that hold a piece."""
        for length in lengths:
            words = self._by_length.get(length, "")
            at = words.find(piece)
            while at >= 0:
                start = at - at % (length + 1)  # words of one length begin at regular places
                yield words[start : start + length]
                at = words.find(piece, start + length)


def _turned(word: str) -> str:
    return word[::-1]


def _swapped(word: str, at: int) -> str:
    """The word with the letters before and after a place changed."""
    return f"{word[: at - 1]}{word[at]}{word[at - 1]}{word[at + 1 :]}"


def _beginning(
    ordered: list[str], start: str, key: Callable[[str], str] | None = None
) -> list[str]:
    first = bisect_left(ordered, start, key=key)
    return ordered[first : bisect_left(ordered, start + _LAST, first, key=key)]
