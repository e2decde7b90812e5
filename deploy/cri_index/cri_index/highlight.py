"""Marks what matched in a text and cuts the text around it."""

from dataclasses import dataclass
from itertools import accumulate

from cri_shared.index.text import (
    analyse,
    beginnings,
    fold,
    forms,
    language_of,
    pieces,
    without_blanks,
)

from cri_index.words import Meaning


@dataclass(frozen=True, slots=True)
class Marks:
    """How matches and cuts are shown; Meilisearch's defaults."""

    before: str = "<em>"
    after: str = "</em>"
    cut: str = "…"


class _Letters(dict[str, bool]):
    """Letter as written -> whether a match may begin with it."""

    def __init__(self, beginnings: frozenset[str]) -> None:
        super().__init__()
        self._beginnings = beginnings

    def __missing__(self, letter: str) -> bool:
        folded = fold(letter)
        fits = not folded or folded[0] in self._beginnings or without_blanks(letter)
        self[letter] = fits
        return fits


class _Lengths(dict[str, int]):
    """Word as written -> how many of its letters to mark; worked out once for each word.

    Two thirds of the time of a search went into asking this for every word of every hit, so it is
    a dictionary, which answers without a call, and is asked only for words whose first letter
    `may_begin` a match.
    """

    def __init__(self, meaning: Meaning, language: str) -> None:
        super().__init__()
        self._language = language_of(language)
        self._exact = {word.text for word in meaning.words}
        self._words = {
            text
            for word in meaning.words
            for text in word.alternatives
            if text not in word.doubtful
        }
        self._words.update(text for phrase in meaning.phrases for text in phrase)
        self._stems = {
            stemmed
            for word in meaning.words
            for stemmed in (*word.stems, *word.stems_in.get(self._language, ()))
        }
        self._starts = tuple(word.text for word in meaning.words if word.unfinished)
        sought = self._exact | self._words | self._stems
        self.may_begin = _Letters(beginnings(sought, self._language))

    def __missing__(self, written: str) -> int:
        length = self[written] = self._measured(written)
        return length

    def _measured(self, written: str) -> int:
        folded, stemmed = forms(written, self._language)
        if folded in self._exact:
            return len(written)
        if self._starts and folded.startswith(self._starts) and len(folded) == len(written):
            return max(len(start) for start in self._starts if folded.startswith(start))
        if folded in self._words or stemmed in self._stems:
            return len(written)
        if without_blanks(written):
            pairs = analyse(written, self._language)[0]
            # Too coarse, but better than no mark: the whole run where a pair of letters matches.
            return 0 if self._words.isdisjoint(pairs) else len(written)
        return 0


class Highlighter:
    """Marks the words of one query in texts of one language.

    Marks exact words, alternatives (synonyms, near spellings of what nobody writes), same stems,
    and the beginning of words that an unfinished word completes to.
    """

    def __init__(self, meaning: Meaning, language: str, marks: Marks) -> None:
        self._marks = marks
        self._lengths = _Lengths(meaning, language)

    def show(self, text: str, *, mark: bool, crop: int | None) -> str:
        """The text with marks, cut to `crop` words where most of the query's words are."""
        parts = pieces(text)
        words = parts[1::2]
        known, may_begin = self._lengths, self._lengths.may_begin
        lengths = [known[word] if may_begin[word[0]] else 0 for word in words]
        first, last = _window(lengths, crop)
        if mark:
            for at in range(first, last):
                if lengths[at]:
                    parts[2 * at + 1] = self._marked(words[at], lengths[at])
        return self._cut(parts, first, last)

    def _marked(self, word: str, length: int) -> str:
        return f"{self._marks.before}{word[:length]}{self._marks.after}{word[length:]}"

    def _cut(self, parts: list[str], first: int, last: int) -> str:
        """The words from `first` to before `last` with what is around and between them."""
        start, before = (2 * first + 1, self._marks.cut) if first else (0, "")
        words = len(parts) // 2
        stop, after = (2 * last, self._marks.cut) if last < words else (len(parts), "")
        return before + "".join(parts[start:stop]) + after


def _window(lengths: list[int], crop: int | None) -> tuple[int, int]:
    """The run of `crop` words with the most matches, the first of those."""
    count = len(lengths)
    if not crop or count <= crop:
        return 0, count
    if not any(lengths):
        return 0, crop
    matches = [0, *accumulate(map(bool, lengths))]
    inside = [matches[at + crop] - matches[at] for at in range(count - crop + 1)]
    first = inside.index(max(inside))
    return first, first + crop
