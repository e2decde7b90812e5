"""Synthetic public entries: real words of eight languages, as frequent as people use them.

Seeded, so every run has the same. A text is words drawn by their frequency (wordfreq), and like
real texts it comes back to a few words of its own, its subject. It says nothing, but vocabulary,
lengths and the spread of words over the index are near those of real texts.
"""

import datetime as dt
import itertools
import random
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from cri_shared.places import COUNTRIES, TOPICS
from wordfreq import iter_wordlist, word_frequency

LANGUAGES = ("en", "fr", "nl", "de", "es", "ru", "ar", "fa-AF")
QUESTION_WORDS, ANSWER_WORDS = 12, 120
LONG = 5  # letters of a word in which people misspell, and the engine looks for it
_VOCABULARY = 25_000
COMMON = 300  # the commonest words of a language, which tell nothing about a text
_SOUGHT = 1_500
_SUBJECT = 5  # words that a text comes back to, and how often it does
_OF_ANSWERS, _OF_QUESTIONS = 0.15, 0.3
# Of the letters of a script, some to mistype with.
_KEYS = {
    **{"ru": "оеаинтсрвл", "ar": "اليمونرتب", "fa-AF": "ایرنوهدتمس"},
    **{"ka": "აეიორსლნ", "hy": "աենիորտկ", "am": "ለመርስትነአ", "ti": "ለመርስትነአ"},
}


@dataclass(frozen=True)
class Synthetic:
    """One entry in its one language."""

    entry_id: str
    language: str
    subject: tuple[str, ...]
    question: str
    answer: str
    country: str
    topics: tuple[str, ...]
    outcome: str
    information_date: dt.date


@cache
def vocabulary(language: str) -> tuple[list[str], list[float]]:
    """The commonest words of a language, the commonest first, and their summed frequencies."""
    known = language.split("-")[0]
    words = [
        word
        for word in itertools.islice(iter_wordlist(known, "small"), _VOCABULARY)
        if word.isalpha()
    ]
    weights = [word_frequency(word, known, "small") for word in words]
    return words, list(itertools.accumulate(weights))


def sought(language: str) -> list[str]:
    """Long words that people may look for: neither the commonest nor rare."""
    words = vocabulary(language)[0][COMMON:_SOUGHT]
    return [word for word in words if len(word) > LONG]


def telling(language: str, count: int, dice: random.Random) -> list[str]:
    """So many different words of a language that are not among the commonest."""
    words, summed = vocabulary(language)
    found: dict[str, None] = {}
    while len(found) < count:
        at = bisect(summed, dice.uniform(summed[COMMON], summed[-1]))
        found[words[min(at, len(words) - 1)]] = None
    return list(found)


def _text(language: str, count: int, subject: list[str], share: float, dice: random.Random) -> str:
    words, summed = vocabulary(language)
    drawn = dice.choices(words, cum_weights=summed, k=count)
    return " ".join(dice.choice(subject) if dice.random() < share else word for word in drawn)


def misspelt(word: str, language: str, dice: random.Random) -> str:
    """The word with one letter lost, doubled up with another, changed or swapped; never the first.

    A word shorter than `LONG` stays.
    """
    if len(word) < LONG:
        return word
    letter = dice.choice(_KEYS.get(language, "etaoinsr"))
    while True:
        at = dice.randrange(1, len(word) - 1)
        wrong = dice.choice(
            (
                word[:at] + word[at + 1 :],
                word[:at] + letter + word[at:],
                word[:at] + letter + word[at + 1 :],
                word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            )
        )
        if wrong != word:
            return wrong


def entries(count: int, seed: int = 1) -> Iterator[Synthetic]:
    """So many entries, the languages in turn."""
    dice = random.Random(seed)
    countries, topics = list(COUNTRIES), list(TOPICS)
    outcomes = ("found", "found", "found", "partly", "not_found")
    for number in range(count):
        language = LANGUAGES[number % len(LANGUAGES)]
        subject = telling(language, _SUBJECT, dice)
        yield Synthetic(
            entry_id=f"{number:032x}",
            language=language,
            subject=tuple(subject),
            question=_text(language, QUESTION_WORDS, subject, _OF_QUESTIONS, dice),
            answer=_text(language, ANSWER_WORDS, subject, _OF_ANSWERS, dice),
            country=dice.choice(countries),
            topics=tuple(dice.sample(topics, 2)),
            outcome=dice.choice(outcomes),
            information_date=dt.date(dice.randint(2023, 2026), dice.randint(1, 10), 15),
        )
