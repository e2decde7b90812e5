"""Misspelt words: what the reader probably meant, of the words that answers are made of."""

import time
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from cri_shared.index.text import fold, language_of, pieces, stem, without_blanks
from rapidfuzz import process
from rapidfuzz.distance import OSA

LONGEST = 40  # letters of a word worth knowing
_ONE_MISTAKE, _TWO_MISTAKES = 4, 9  # letters from which so many are forgiven

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
    """The known words with one first letter; thousands are put on it at once, so as they come."""

    def __init__(self, known: Iterable[tuple[str, str, str, int]]) -> None:
        self._by_length: dict[int, dict[str, list[tuple[str, str, str, int]]]] = {}
        for one in known:
            self._by_length.setdefault(len(one[0]), {}).setdefault(one[0], []).append(one)
        self._in_order = sorted(word for words in self._by_length.values() for word in words)

    def holds(self, word: str) -> bool:
        """Whether the word is spelt as in some answer."""
        return word in self._by_length.get(len(word), {})

    def completes(self, start: str) -> bool:
        """Whether a known word begins so."""
        at = bisect_left(self._in_order, start)
        return at < len(self._in_order) and self._in_order[at].startswith(start)

    def near(self, word: str, most: int) -> Iterator[tuple[int, Spelling]]:
        """(mistakes, known word) of all within so many mistakes."""
        for length in range(len(word) - most, len(word) + most + 1):
            words = self._by_length.get(length, {})
            for other, distance, _ in process.extract(
                word, words.keys(), scorer=OSA.distance, score_cutoff=most, limit=None
            ):
                for one in words[other]:
                    yield int(distance), Spelling(*one)


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


def meant_by(written: str, reader: str, shelves: Sequence[Shelf]) -> Spelling | None:
    """The word that a misspelt one stands for: nearest, then the reader's language, then commonest.

    None where none is near, or where it is but another form of a word that answers have, which a
    search finds as it is.
    """
    word = fold(written)
    near = [each for shelf in shelves for each in shelf.near(word, mistakes(word))]
    if not near or any(_same_stem(written, one) for _, one in near):
        return None
    own = language_of(reader)
    return min(
        near, key=lambda each: (each[0], language_of(each[1].language) != own, -each[1].entries)
    )[1]


def _same_stem(written: str, known: Spelling) -> bool:
    language = language_of(known.language)
    return stem(written, language) == stem(known.written, language)
