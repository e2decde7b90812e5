"""Misspelt words: what the reader probably meant, of the words that answers are made of."""

import time
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cri_shared.index.near import WordList
from cri_shared.index.text import fold, forms, language_of, pieces, stem, without_blanks

LONGEST = 40  # letters of a word worth knowing
_ONE_MISTAKE, _TWO_MISTAKES = 4, 9  # letters from which so many are forgiven
_A_NAME = 6  # letters from which a word of another language may be a name, misspelt

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


class Shelves:
    """Shelves by letter, as they were when they were last read."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, WordList]] = {}

    def of(self, letter: str) -> WordList | None:
        """The shelf of a letter; None where it must be read."""
        kept = self._kept.get(letter)
        return kept[1] if kept and time.monotonic() - kept[0] < KEPT_SECONDS else None

    def put(self, letter: str, shelf: WordList) -> None:
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
