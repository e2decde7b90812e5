"""By which words a contact or programme is found, and how well it fits what is sought."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter

from cri_shared.index.text import (
    analyse,
    fold,
    language_of,
    pieces,
    query_languages,
    stop_words,
    synonyms,
)

NAMED, TOLD, SHARED = 3, 2, 1  # by its name; by its texts or place; by its country or topics
LONGEST = 64  # letters
_LEAST_STEM = 3  # letters
_MOST_WORDS = 10
_FEW = 2  # words, which must all fit
_LEAST_BEGINNING = 3  # letters of a word that is still being typed

Word = frozenset[str]


def words_of(told: Iterable[tuple[int, str, Sequence[str]]]) -> dict[str, int]:
    """Folded word or stem -> how much it tells of a listing; the most where it is there twice.

    `told` holds how much a text tells, the text, and the languages that it may be in.
    """
    return {
        word: weight
        for weight, text, languages in sorted(told, key=itemgetter(0))
        for word in _forms(text, languages)
        if len(word) <= LONGEST
    }


def _forms(text: str, languages: Iterable[str]) -> set[str]:
    found: set[str] = set()
    for language in languages:
        folded, stems = analyse(text, language)
        found.update(word for word in folded if word not in _stopped())
        found.update(each for each in stems if len(each) >= _LEAST_STEM)
    return found


def sought(words: str, reader: str) -> list[Word]:
    """The words of a search that say anything, each in all its forms and those of its synonyms."""
    languages = dict.fromkeys((language_of(reader), *query_languages(words)))
    analysed = [analyse(words, language) for language in languages]
    alike = _synonyms()
    found: dict[str, Word] = {}
    for at, word in enumerate(analysed[0][0][:_MOST_WORDS]):
        if word not in _stopped():
            stems = {each for _, stemmed in analysed if len(each := stemmed[at]) >= _LEAST_STEM}
            found[word] = frozenset({word, *stems, *alike.get(word, ())})
    return list(found.values())


def unfinished(words: str) -> str | None:
    """The last word of a search, folded, where it may be the beginning of another."""
    last = pieces(words)[-2:]
    start = fold(last[0]) if len(last) > 1 and not last[1] else ""
    return start if len(start) >= _LEAST_BEGINNING else None


def fit(wanted: Sequence[Word], known: Mapping[str, int]) -> tuple[float, int]:
    """(share of the words that are there, how much they tell); nothing where it does not fit.

    All of one or two words must be there, of more the half; and unless all are, one of them must
    tell of this listing, not only of its country or topic.
    """
    best = [max((known.get(form, 0) for form in word), default=0) for word in wanted]
    there = sum(1 for weight in best if weight)
    if there < len(best) and (
        len(best) <= _FEW or 2 * there < len(best) or max(best, default=0) == SHARED
    ):
        return 0.0, 0
    return (there / len(best), sum(best)) if best else (0.0, 0)


@lru_cache(1)
def _stopped() -> frozenset[str]:
    return frozenset(fold(word) for word in stop_words())


@lru_cache(1)
def _synonyms() -> dict[str, list[str]]:
    return {fold(word): [fold(other) for other in others] for word, others in synonyms().items()}
