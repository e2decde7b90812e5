"""Misspelt words: what the reader probably meant, of the words that answers are made of."""

import sys
import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from cri_shared.index.text import fold, forms, language_of, pieces, stem, without_blanks
from rapidfuzz import process
from rapidfuzz.distance import OSA

LONGEST = 40  # letters of a word worth knowing
_ONE_MISTAKE, _TWO_MISTAKES = 4, 9  # letters from which so many are forgiven
_A_NAME = 6  # letters from which a word of another language may be a name, misspelt
_LAST = chr(sys.maxunicode)

# So long a word may be missing, or one too many, where another process hears what is published.
KEPT_SECONDS = 120.0

Key = tuple[str, str]  # folded word, language


class Spelling(NamedTuple):
    """A word of public answers as people write it, and in how many answers it stands."""

    word: str
    language: str
    written: str
    entries: int


def words_of(texts: Iterable[tuple[str, str]]) -> dict[Key, str]:
    """The words of (language, text), folded, as they are written: in small letters if ever so."""
    found: dict[Key, str] = {}
    for language, text in texts:
        for written in pieces(text)[1::2]:
            word = fold(written)
            if not _worth_knowing(word, written):
                continue
            if (word, language) not in found or written.islower():
                found[word, language] = written
    return found


def mistakes(word: str) -> int:
    """How many mistakes a folded word may hold to be taken for another; of a swap it is one."""
    if any(letter.isdigit() for letter in word) or without_blanks(word):
        return 0
    return (len(word) >= _ONE_MISTAKE) + (len(word) >= _TWO_MISTAKES)


def _worth_knowing(word: str, written: str) -> bool:
    return 2 < len(word) <= LONGEST and not without_blanks(written) and not word.isdigit()


class Shelf:
    """The known words with one first letter, folded; thousands are put on it at once."""

    def __init__(self, words: Iterable[str]) -> None:
        self._in_order = sorted(words)
        self._from_the_end = sorted(word[::-1] for word in self._in_order)
        self._by_length: dict[int, list[str]] = {}
        for word in self._in_order:
            self._by_length.setdefault(len(word), []).append(word)

    def holds(self, word: str) -> bool:
        """Whether the word is spelt as in some answer."""
        at = bisect_left(self._in_order, word)
        return self._in_order[at : at + 1] == [word]

    def completes(self, start: str) -> bool:
        """Whether a known word begins so."""
        at = bisect_left(self._in_order, start)
        return at < len(self._in_order) and self._in_order[at].startswith(start)

    def beginning(self, start: str) -> list[str]:
        """All known words that begin so."""
        return _beginning(self._in_order, start)

    def near(self, word: str) -> Iterator[tuple[str, int]]:
        """(known word, mistakes) of all that the word may stand for, misspelt."""
        most = mistakes(word)
        among = self._one_off(word) if most == 1 else self._as_long(word, most)
        for other, distance, _ in process.extract(
            word, among, scorer=OSA.distance, score_cutoff=most, limit=None
        ):
            yield other, int(distance)

    def _one_off(self, word: str) -> list[str]:
        """All known words with one mistake or none, and more: a mistake leaves one half whole.

        But for two letters that change places between the halves. A tenth of the time that it
        takes to look through all of that length.
        """
        half = len(word) // 2
        swapped = f"{word[: half - 1]}{word[half]}{word[half - 1]}{word[half + 1 :]}"
        found = {*_beginning(self._in_order, word[:half])}
        found.update(back[::-1] for back in _beginning(self._from_the_end, word[: half - 1 : -1]))
        if self.holds(swapped):
            found.add(swapped)
        return list(found)

    def _as_long(self, word: str, most: int) -> list[str]:
        """All known words that are at most so many letters longer or shorter."""
        lengths = range(len(word) - most, len(word) + most + 1)
        return [other for length in lengths for other in self._by_length.get(length, ())]


def _beginning(ordered: list[str], start: str) -> list[str]:
    first = bisect_left(ordered, start)
    return ordered[first : bisect_left(ordered, start + _LAST, first)]


class Shelves:
    """Shelves by letter, as they were when they were last read."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, Shelf]] = {}

    def of(self, letter: str) -> Shelf | None:
        """The shelf of a letter; None where it must be read."""
        kept = self._kept.get(letter)
        return kept[1] if kept and time.monotonic() - kept[0] < KEPT_SECONDS else None

    def put(self, letter: str, shelf: Shelf) -> None:
        """Keep what was just read."""
        self._kept[letter] = (time.monotonic(), shelf)

    def forget(self) -> None:
        """What is public has changed."""
        self._kept.clear()


def meant_by(
    written: str, reader: str, near: Sequence[tuple[int, Spelling]], *, in_vain: bool = True
) -> Spelling | None:
    """The word that a misspelt one stands for: nearest, then the reader's language, then commonest.

    `near` are words that answers have, each with its mistakes. None where there is none, or where
    one is but another form of the word, which a search finds as it is. Unless the search was
    `in_vain`, a common or short word of a language that the reader does not read is not meant.
    """
    if any(_same_stem(written, one, reader) for _, one in near):
        return None
    meant = [each for each in near if in_vain or _is_likely(each[1], reader)]
    own = language_of(reader)
    return min(
        meant,
        key=lambda each: (each[0], language_of(each[1].language) != own, -each[1].entries),
        default=(0, None),
    )[1]


def _is_likely(known: Spelling, reader: str) -> bool:
    own = not known.language or language_of(known.language) == language_of(reader)
    return own or (not known.written.islower() and len(known.word) >= _A_NAME)


def _same_stem(written: str, known: Spelling, reader: str) -> bool:
    language = language_of(known.language or reader)
    return stem(written, language) == forms(known.written, language)[1]
