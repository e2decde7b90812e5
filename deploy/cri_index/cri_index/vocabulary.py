"""The words of an index, kept for near spellings: what did they mean who wrote `Bagdhad`?"""

import threading
import time
from collections import Counter
from collections.abc import Iterable, Mapping

import tantivy as tv
from cri_shared.index.near import WordList

# Longer words are no words; they would only swell the list that near spellings are sought in.
_LONGEST = 40

# To add more words than these takes longer than reading the engine's again, letter by letter.
_MOST_LEARNT = 10_000

# Completing one or two letters means going through a good part of all words: the answer is kept.
_SHORT = 2
_KEEP_SECONDS = 10.0


class Vocabulary:
    """The words of some fields by first letter, read from the engine when first needed.

    Words of new documents are added as they come. Words that no document has any more stay until
    the index is opened anew; they match nothing and do no harm.
    """

    def __init__(self, fields: Iterable[str], searcher: tv.Searcher) -> None:
        self._fields = tuple(fields)
        self._searcher = searcher
        self._letters: dict[str, WordList] = {}
        self._completions: dict[str, tuple[float, list[str]]] = {}
        self._expected: set[str] = set()
        self._left_out = False
        self._lock = threading.Lock()

    def expect(self, line: str) -> None:
        """Note the words of a document's text that will be found after `learn`.

        While no letter was read there is nothing to add them to.
        """
        if self._letters and len(self._expected) < _MOST_LEARNT:
            self._expected.update(line.split())
        else:
            self._left_out = True

    def forget(self) -> None:
        """Expect nothing any more."""
        self._expected, self._left_out = set(), False

    def learn(self, searcher: tv.Searcher) -> None:
        """Follow the documents of now: add the expected words, or read anew where they are many."""
        with self._lock:
            self._searcher = searcher
            if self._left_out or len(self._expected) >= _MOST_LEARNT:
                self._letters.clear()
            else:
                for word in self._expected:
                    self._add(word)
            self.forget()

    def _add(self, word: str) -> None:
        known = self._letters.get(word[:1])
        if known is not None and len(word) <= _LONGEST and not known.holds(word):
            known.add(word)

    def has(self, word: str) -> bool:
        """Whether a document has the word."""
        return any(self._searcher.doc_freq(field, word) for field in self._fields)

    def _frequency(self, word: str) -> int:
        return sum(self._searcher.doc_freq(field, word) for field in self._fields)

    def near(self, word: str, edits: int) -> list[tuple[str, int]]:
        """(other word, edits) within so many edits, nearest first; the first letter must agree.

        A swap of neighbours is one edit.
        """
        found = self._starting(word[:1]).near(word, edits)
        return [(other, mistakes) for other, mistakes in found if mistakes]

    def completions(self, start: str, most: int) -> list[str]:
        """The most frequent words that begin so, up to `most`."""
        known = self._letters.get(start[:1])
        if known is not None and len(words := known.beginning(start)) <= most:
            # As of most words: to let the engine go through its own takes several times as long.
            return _most_frequent({word: self._frequency(word) for word in words}, most)
        kept = self._completions.get(start)
        if kept and time.monotonic() - kept[0] < _KEEP_SECONDS:
            return kept[1]
        words = self._beginning_with(start, most)
        if len(start) <= _SHORT:
            self._completions[start] = (time.monotonic(), words)
        return words

    def _starting(self, letter: str) -> WordList:
        with self._lock:
            known = self._letters.get(letter)
            if known is None:
                known = self._letters[letter] = WordList(self._beginning_with(letter))
            return known

    def _beginning_with(self, start: str, most: int | None = None) -> list[str]:
        """The words that begin so, the most frequent first; about so many."""
        counts: Counter[str] = Counter()
        for field in self._fields:
            counts.update(dict(self._searcher.terms_with_prefix(field, start, limit=most)))
        return _most_frequent(counts, most)


def _most_frequent(counts: Mapping[str, int], most: int | None) -> list[str]:
    """Words by how often they come, about so many; none that comes nowhere."""
    found = sorted(filter(counts.get, counts), key=lambda word: (-counts[word], word))[:most]
    return [word for word in found if len(word) <= _LONGEST]
