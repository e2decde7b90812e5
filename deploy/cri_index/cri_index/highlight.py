"""Marks what matched in a text and cuts the text around it."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from cri_shared.index.text import language_of, without_blanks

from cri_index.reading import Reading, Run
from cri_index.words import Meaning

# So many forms are sought one by one in less time than it takes to cut a line into its words.
_FEW = 12


@dataclass(frozen=True, slots=True)
class Marks:
    """How matches and cuts are shown; Meilisearch's defaults."""

    before: str = "<em>"
    after: str = "</em>"
    cut: str = "…"


class Highlighter:
    """Marks the words of one query in texts.

    Marks exact words, alternatives (synonyms, near spellings of what nobody writes), same stems,
    and the beginning of words that an unfinished word completes to.
    """

    def __init__(self, meaning: Meaning, marks: Marks) -> None:
        self._marks = marks
        self._meant = words = meaning.words
        self._exact = {word.text for word in words}
        others = (word.alternatives.keys() - word.doubtful for word in words)
        forms = self._exact.union(*others, *meaning.phrases)
        self._words = _Sought(form for form in forms if " " not in form)
        self._stems: dict[str, _Sought] = {}
        # The longest last: of two beginnings of a word it is the one that is marked.
        self._starts = sorted((word.text for word in words if word.unfinished), key=len)
        self._pairs = [word for word in self._words.forms if without_blanks(word)]

    def show(self, text: str, language: str, *, mark: bool, crop: int | None) -> str:
        """The text with marks, cut to `crop` words where most of the query's words are."""
        read = Reading.of(text, language_of(language))
        return self.matches(read, language).show(text, read.run, mark=mark, crop=crop)

    def matches(self, read: Reading, language: str) -> "Matches":
        """The words to mark among those of a reading.

        A run of a script without blanks matches where two of its letters do: too coarse, but
        better than no mark.
        """
        places = read.places
        numbers = [*self._words.among(read.folded), *self._stems_in(language).among(read.stems)]
        for pair in self._pairs:
            numbers += [at for _, at in words_at(read.folded, pair)]
        ends = {at: places[2 * at + 1] for at in numbers}
        for start in self._starts:
            self._begun(start, read, ends)
        return Matches(self._marks, places, ends, sorted(ends))

    def _begun(self, start: str, read: Reading, ends: dict[int, int]) -> None:
        """Add the words that only begin so, as long as they are folded."""
        for place, at in words_at(read.folded, f" {start}"):
            word = read.folded[place + 1 : read.folded.index(" ", place + 1)]
            begin, end = read.places[2 * at : 2 * at + 2]
            if word not in self._exact and begin + len(word) == end:
                ends[at] = begin + len(start)

    def _stems_in(self, language: str) -> "_Sought":
        """The stems to mark in texts of a language."""
        known = self._stems.get(language)
        if known is None:
            own = language_of(language)
            stems = ((*word.stems, *word.stems_in.get(own, ())) for word in self._meant)
            known = self._stems[language] = _Sought(form for each in stems for form in each)
        return known


class _Sought:
    """Forms of words that are sought in lines."""

    def __init__(self, forms: Iterable[str]) -> None:
        self.forms = frozenset(forms)
        self._whole = [f" {form} " for form in self.forms]

    def among(self, line: str) -> list[int]:
        """The numbers of the words of a line that have one of the forms."""
        whole = self._whole
        if len(whole) > _FEW:
            whole = [f" {form} " for form in self.forms.intersection(line.split(" "))]
        return [at for form in whole if form in line for _, at in words_at(line, form)]


class Matches(NamedTuple):
    """The words to mark in the texts of one reading."""

    marks: Marks
    places: Sequence[int]
    ends: Mapping[int, int]  # by the number of a word, where its mark ends
    numbers: list[int]  # of these words, in order

    def show(self, text: str, run: Run, *, mark: bool, crop: int | None) -> str:
        """One of the texts with marks, cut to `crop` words where most of those to mark are."""
        first, last = run
        places, numbers = self.places, _within(self.numbers, first, last)
        start, end, before, after = 0, len(text), "", ""
        if crop and last - first > crop:
            begin = _window(numbers, first, crop)
            if begin > first:
                first, start, before = begin, places[2 * begin], self.marks.cut
            if begin + crop < last:
                last = begin + crop
                end, after = places[2 * last - 1], self.marks.cut
            numbers = _within(numbers, first, last)
        shown = [before]
        for at in numbers if mark else ():
            begin, marked = places[2 * at], self.ends[at]
            shown += (text[start:begin], self.marks.before, text[begin:marked], self.marks.after)
            start = marked
        return "".join([*shown, text[start:end], after])


def words_at(line: str, part: str) -> list[tuple[int, int]]:
    """(place, number of the word that stands there) of every occurrence of a part in a line."""
    found = []
    at = line.find(part)
    while at >= 0:
        found.append((at, line.count(" ", 0, at + 1) - 1))
        at = line.find(part, at + 1)
    return found


def _within(numbers: list[int], first: int, last: int) -> list[int]:
    """Those from `first` on and before `last`."""
    return numbers[bisect_left(numbers, first) : bisect_left(numbers, last)]


def _window(numbers: list[int], first: int, crop: int) -> int:
    """Where the run of `crop` words begins with the most of these, the first of such runs.

    It ends with such a word, or begins with the first of all: if not, the run before has as many.
    """
    starts = [max(first, at - crop + 1) for at in numbers]
    matches = [after - bisect_left(numbers, start) for after, start in enumerate(starts, 1)]
    return starts[matches.index(max(matches))] if matches else first
