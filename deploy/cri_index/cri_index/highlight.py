"""Marks what matched in a text and cuts the text around it."""

from bisect import bisect_left
from dataclasses import dataclass

from cri_shared.index.text import language_of, without_blanks

from cri_index.reading import Reading
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
        self._words = {form for form in forms if " " not in form}
        self._stems: dict[str, frozenset[str]] = {}
        # The longest last: of two beginnings of a word it is the one that is marked.
        self._starts = sorted((word.text for word in words if word.unfinished), key=len)
        self._pairs = [word for word in self._words if without_blanks(word)]

    def show(
        self,
        text: str,
        language: str,
        *,
        mark: bool,
        crop: int | None,
        read: Reading | None = None,
    ) -> str:
        """The text with marks, cut to `crop` words where most of the query's words are.

        `read` is the text's reading, if it is known.
        """
        read = read or Reading.of(text, language_of(language))
        found = self._found(read, language)
        numbers, places = sorted(found), read.places
        words = len(places) // 2
        first, last = _window(numbers, words, crop)
        start, before = (places[2 * first], self._marks.cut) if first else (0, "")
        end, after = (places[2 * last - 1], self._marks.cut) if last < words else (len(text), "")
        shown = [before]
        for at in numbers[bisect_left(numbers, first) : bisect_left(numbers, last)] if mark else ():
            begin, marked = places[2 * at], found[at]
            shown += (text[start:begin], self._marks.before, text[begin:marked], self._marks.after)
            start = marked
        return "".join([*shown, text[start:end], after])

    def _found(self, read: Reading, language: str) -> dict[int, int]:
        """The number of each word to mark -> where its mark ends.

        A run of a script without blanks matches where two of its letters do: too coarse, but
        better than no mark.
        """
        places = read.places
        found: dict[int, int] = {}
        for line, sought in ((read.folded, self._words), (read.stems, self._stems_in(language))):
            forms = sought if len(sought) <= _FEW else sought.intersection(line.split(" "))
            for form in forms:
                for _, at in words_at(line, f" {form} "):
                    found[at] = places[2 * at + 1]
        for pair in self._pairs:
            for _, at in words_at(read.folded, pair):
                found[at] = places[2 * at + 1]
        for start in self._starts:
            self._begun(start, read, found)
        return found

    def _begun(self, start: str, read: Reading, found: dict[int, int]) -> None:
        """Add the words that only begin so, as long as they are folded."""
        for place, at in words_at(read.folded, f" {start}"):
            word = read.folded[place + 1 : read.folded.index(" ", place + 1)]
            begin, end = read.places[2 * at : 2 * at + 2]
            if word not in self._exact and begin + len(word) == end:
                found[at] = begin + len(start)

    def _stems_in(self, language: str) -> frozenset[str]:
        """The stems to mark in texts of a language."""
        known = self._stems.get(language)
        if known is None:
            own = language_of(language)
            stems = ((*word.stems, *word.stems_in.get(own, ())) for word in self._meant)
            known = self._stems[language] = frozenset().union(*stems)
        return known


def words_at(line: str, part: str) -> list[tuple[int, int]]:
    """(place, number of the word that stands there) of every occurrence of a part in a line."""
    found = []
    at = line.find(part)
    while at >= 0:
        found.append((at, line.count(" ", 0, at + 1) - 1))
        at = line.find(part, at + 1)
    return found


def _window(places: list[int], count: int, crop: int | None) -> tuple[int, int]:
    """The run of `crop` words, of so many, with the most of these places; the first of those.

    It ends with such a place, or is the first run of all: if not, the run before has as many.
    """
    if not crop or count <= crop:
        return 0, count
    starts = [max(0, at - crop + 1) for at in places]
    matches = [after - bisect_left(places, start) for after, start in enumerate(starts, 1)]
    first = starts[matches.index(max(matches))] if matches else 0
    return first, first + crop
