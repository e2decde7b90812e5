"""Marks what matched in a text and cuts the text around it."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from cri_shared.index.text import language_of, without_blanks

from cri_index.reading import Reading, words_at
from cri_index.words import Meaning


@dataclass(frozen=True, slots=True)
class Marks:
    """How matches and cuts are shown; Meilisearch's defaults."""

    before: str = "<em>"
    after: str = "</em>"
    cut: str = "…"


class Highlighter:
    """Marks the words of one query in texts of one language.

    Marks exact words, alternatives (synonyms, near spellings of what nobody writes), same stems,
    and the beginning of words that an unfinished word completes to.
    """

    def __init__(self, meaning: Meaning, language: str, marks: Marks) -> None:
        self._language = language_of(language)
        self._marks = marks
        words = meaning.words
        self._exact = {word.text for word in words}
        self._words = self._exact.union(
            *(word.alternatives.keys() - word.doubtful for word in words), *meaning.phrases
        )
        self._stems = set[str]().union(
            *(word.stems for word in words),
            *(word.stems_in.get(self._language, ()) for word in words),
        )
        # The longest last: of two beginnings of a word it is the one that is marked.
        self._starts = sorted((word.text for word in words if word.unfinished), key=len)
        self._pairs = [word for word in self._words if without_blanks(word)]

    def show(self, text: str, *, mark: bool, crop: int | None, read: Reading | None = None) -> str:
        """The text with marks, cut to `crop` words where most of the query's words are.

        `read` is the text's reading, if it is known.
        """
        read = read or Reading.of(text, self._language)
        found = self._found(read)
        places = sorted(found)
        words = len(read.lengths) // 2
        first, last = _window(places, words, crop)
        begins = list(accumulate(read.lengths, initial=0))
        start, before = (begins[2 * first + 1], self._marks.cut) if first else (0, "")
        end, after = (begins[2 * last], self._marks.cut) if last < words else (len(text), "")
        shown = [before]
        for at in places[bisect_left(places, first) : bisect_left(places, last)] if mark else ():
            begin = begins[2 * at + 1]
            marked = begin + found[at]
            shown += (
                *(text[start:begin], self._marks.before),
                *(text[begin:marked], self._marks.after),
            )
            start = marked
        return "".join([*shown, text[start:end], after])

    def _found(self, read: Reading) -> dict[int, int]:
        """The number of each word to mark -> how many of its letters."""
        lengths = read.lengths[1::2]
        found = {at: lengths[at] for at in self._whole(read)}
        for start in self._starts:
            for place, at in words_at(read.folded, f" {start}"):
                folded = read.folded[place + 1 : read.folded.index(" ", place + 1)]
                if folded not in self._exact and len(folded) == lengths[at]:
                    found[at] = len(start)
        return found

    def _whole(self, read: Reading) -> Iterator[int]:
        """The numbers of the words that are marked from beginning to end.

        A run of a script without blanks matches where two of its letters do: too coarse, but
        better than no mark.
        """
        for line, sought in ((read.folded, self._words), (read.stems, self._stems)):
            for form in sought.intersection(line.split(" ")):
                yield from (at for _, at in words_at(line, f" {form} "))
        for pair in self._pairs:
            yield from (at for _, at in words_at(read.folded, pair))


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
