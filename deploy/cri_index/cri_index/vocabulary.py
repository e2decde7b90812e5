"""The words of an index, kept for near spellings: what did they mean who wrote `Bagdhad`?"""

import threading
import time

import tantivy as tv
from rapidfuzz import process
from rapidfuzz.distance import OSA

# length -> words
_ByLength = dict[int, list[str]]

# Completing one or two letters means going through a good part of all words: the answer is kept.
_SHORT = 2
_KEEP_SECONDS = 10.0


class Vocabulary:
    """The words of some fields by first letter and length, read from the engine when first needed.

    Words of new documents are added as they come. Words that no document has any more stay until
    the index is opened anew; they match nothing and do no harm.
    """

    def __init__(self, *fields: str) -> None:
        self._fields = fields
        self._letters: dict[str, _ByLength] = {}
        self._known: dict[str, set[str]] = {}
        self._completions: dict[str, tuple[float, list[str]]] = {}
        self._lock = threading.Lock()

    def learn(self, words: set[str]) -> None:
        """Add the words of documents that were just indexed."""
        with self._lock:
            for word in words:
                known = self._known.get(word[:1])
                if known is not None and word not in known:
                    known.add(word)
                    self._letters[word[:1]].setdefault(len(word), []).append(word)

    def near(self, word: str, edits: int, searcher: tv.Searcher) -> list[tuple[str, int]]:
        """(other word, edits) within so many edits, nearest first; the first letter must agree.

        A swap of neighbours is one edit.
        """
        by_length = self._starting(word[:1], searcher)
        found: list[tuple[str, int]] = []
        for length in range(len(word) - edits, len(word) + edits + 1):
            candidates = by_length.get(length)
            if candidates:
                matches = process.extract(
                    word, candidates, scorer=OSA.distance, score_cutoff=edits, limit=None
                )
                found += [(other, int(distance)) for other, distance, _ in matches if distance]
        return sorted(found, key=lambda pair: pair[1])

    def completions(self, start: str, most: int, searcher: tv.Searcher) -> list[str]:
        """The most frequent words that begin so, up to `most`."""
        kept = self._completions.get(start)
        if kept and time.monotonic() - kept[0] < _KEEP_SECONDS:
            return kept[1]
        words = self._beginning_with(start, searcher, most)
        if len(start) <= _SHORT:
            self._completions[start] = (time.monotonic(), words)
        return words

    def _starting(self, letter: str, searcher: tv.Searcher) -> _ByLength:
        with self._lock:
            if letter not in self._letters:
                by_length: _ByLength = {}
                words = self._beginning_with(letter, searcher)
                for word in words:
                    by_length.setdefault(len(word), []).append(word)
                self._known[letter] = set(words)
                self._letters[letter] = by_length
            return self._letters[letter]

    def _beginning_with(
        self, start: str, searcher: tv.Searcher, most: int | None = None
    ) -> list[str]:
        found = (
            word
            for field in self._fields
            for word, _ in searcher.terms_with_prefix(field, start, limit=most)
        )
        return list(dict.fromkeys(found))
