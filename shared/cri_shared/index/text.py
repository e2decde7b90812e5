"""Text analysis: words, their folded forms, their stems, and the language a query is written in."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

import Stemmer

from cri_shared.index import text_data as data

# Of each language the last so many words at least, and twice as many at most, are folded and
# stemmed once: some 3 MB, and nearly all words of everyday texts.
_REMEMBERED = 8_000

Span = tuple[int, int]


def _letter_table() -> dict[int, str | None]:
    table: dict[int, str | None] = {ord(a): b for a, b in data.LETTER_VARIANTS.items()}
    for first, last in data.DROPPED_MARKS:
        table.update(dict.fromkeys(range(first, last + 1)))
    for zero in (0x0660, 0x06F0):  # Arabic and Persian digits
        table.update({zero + n: str(n) for n in range(10)})
    for written, meant in data.ETHIOPIC_HOMOPHONES.items():
        table.update({ord(written) + order: chr(ord(meant) + order) for order in range(8)})
    table.update({ord(a): b for a, b in data.ETHIOPIC_LONG_VOWELS.items()})
    return table


_LETTERS = _letter_table()
_ARABIC_MARKS = {ord("\u0640"): None} | {
    code: None
    for first, last in data.DROPPED_MARKS
    if 0x0600 <= first <= 0x06FF
    for code in range(first, last + 1)
}
# What the Snowball stemmers of Arabic and Persian expect to read.
_STEMMER_LETTERS: dict[str, dict[int, str | None]] = {
    "ar": dict(_ARABIC_MARKS),
    "fa": {**_ARABIC_MARKS, ord("ك"): "ک", ord("ي"): "ی", ord("ى"): "ی"},
}

# A letter or digit of a script with blanks, said as what it is not: one look for each letter.
_LETTER = rf"[^\W_{data.NO_BLANKS}]"
_WORD = re.compile(rf"(?:{_LETTER}++[{data.INNER_MARKS}]*+)++|[{data.NO_BLANKS}]++")
# An elided article gives an empty string where a word is looked for.
_ELIDED_OR_WORD = re.compile(
    rf"(?<![^\W_])(?i:{'|'.join(sorted(data.ELIDED))})['’ʼ](?=[^\W\d_])|({_WORD.pattern})"
)
_BETWEEN_WORDS = re.compile(f"({_WORD.pattern})")
# The same words, where nothing is written that makes more of them than letters in a row.
_RARE = re.compile(f"[{data.INNER_MARKS}{data.NO_BLANKS}]")
_BETWEEN_USUAL_WORDS = re.compile(r"([^\W_]++)")
_NO_BLANKS = re.compile(f"[{data.NO_BLANKS}]")
_APOSTROPHES = frozenset("'’ʼ")
_SCRIPTS = tuple((re.compile(f"[{letters}]"), tags) for letters, tags in data.SCRIPTS)


def _telling(what_tells: Iterable[tuple[str, Iterable[str]]]) -> dict[str, list[str]]:
    """Word or letter -> the languages that it is a sign of."""
    told: dict[str, list[str]] = {}
    for tag, signs in what_tells:
        for sign in set(signs):
            told.setdefault(sign, []).append(tag)
    return told


_WORDS_TELL = _telling((tag, words.split()) for tag, words in data.TELLING_WORDS.items())
_LETTERS_TELL = _telling(data.TELLING_LETTERS.items())


def _longest_first(affixes: dict[str, str]) -> dict[str, tuple[str, ...]]:
    return {
        tag: tuple(sorted(listed.split(), key=len, reverse=True)) for tag, listed in affixes.items()
    }


_LIGHT_BEGINNINGS = _longest_first(data.LIGHT_BEGINNINGS)
_LIGHT_ENDINGS = _longest_first(data.LIGHT_ENDINGS)

_stemmers: dict[str, Stemmer.Stemmer] = {}


def fold(word: str) -> str:
    """The word without case, accents, vowel signs and spelling variants of its script.

    Folding twice is folding once. Digits of every script become 0-9.
    """
    folded = word.casefold()
    if folded.isascii():
        return folded
    folded = folded.translate(_LETTERS)
    if folded.isascii():
        return folded
    plain = unicodedata.normalize("NFKD", folded).casefold().translate(_LETTERS)
    return unicodedata.normalize("NFC", plain).replace(" ", "")


def spans(text: str) -> list[Span]:
    """(start, end) of every word; scripts without blanks give overlapping pairs of letters.

    Elided articles (the l of l'hôpital) are no words.
    """
    return list(_spans(text))


def pieces(text: str) -> list[str]:
    """The text cut at its words: what is before the first, the first, what is between, and so on.

    Words are at odd places, the last piece is what follows the last word; joined they are the
    text. Several times faster than `spans`, which knows about elision and pairs of letters.
    """
    between = _BETWEEN_WORDS if _RARE.search(text) else _BETWEEN_USUAL_WORDS
    return between.split(text)


def is_plain(text: str) -> bool:
    """Whether the words of a text are those that `pieces` cuts it at."""
    return not _NO_BLANKS.search(text) and not any(mark in text for mark in _APOSTROPHES)


def without_blanks(word: str) -> bool:
    """Whether the word is a run of a script written without blanks, and so of several words."""
    return _NO_BLANKS.match(word) is not None


def _spans(text: str) -> Iterator[Span]:
    for match in _WORD.finditer(text):
        start, end = match.span()
        if end - start > 2 and without_blanks(text[start]):
            yield from ((at, at + 2) for at in range(start, end - 1))
        elif not _elided(text, start, end):
            yield start, end


def _elided(text: str, start: int, end: int) -> bool:
    return (
        text[end : end + 1] in _APOSTROPHES
        and text[end + 1 : end + 2].isalpha()
        and text[start:end].casefold() in data.ELIDED
    )


@lru_cache(256)
def language_of(tag: str) -> str:
    """The two-letter language that stemmers are known by: `fa-AF` and `prs` are `fa`."""
    language = tag.replace("_", "-").split("-")[0].lower()
    return data.ALIASES.get(language, language)


def tags_of(language: str) -> tuple[str, ...]:
    """The tags of texts in a language as `language_of` gives it: `fa` is also `fa-AF`."""
    return data.TAGS.get(language, (language,))


class _Forms(dict[str, tuple[str, str]]):
    """Word as written -> (folded, stem) in a language; a word that was seen costs no call."""

    def __init__(self, language: str) -> None:
        super().__init__()
        self._language = language
        self._older: dict[str, tuple[str, str]] = {}

    def __missing__(self, word: str) -> tuple[str, str]:
        found = self._older.get(word) or _analysed(word, self._language)
        if len(self) >= _REMEMBERED:
            self._older = dict(self)
            self.clear()
        self[word] = found
        return found


def _analysed(word: str, language: str) -> tuple[str, str]:
    """(folded, stem), of as few strings as can be: most words are their folded form."""
    folded, stemmed = fold(word), stem(word, language)
    folded = word if folded == word else folded
    return folded, folded if stemmed == folded else stemmed


@lru_cache(64)
def _forms_in(language: str) -> _Forms:
    return _Forms(language)


def forms(word: str, language: str) -> tuple[str, str]:
    """(folded, stem) of a word in a language as `language_of` gives it."""
    return _forms_in(language)[word]


def forms_of_all(words: Iterable[str], language: str) -> list[tuple[str, str]]:
    """The same of each word."""
    known = _forms_in(language)
    return [known[word] for word in words]


def stem(word: str, language: str) -> str:
    """The folded stem of a word; the folded word where the language has no stemmer.

    Stemmed before folding: the rules of most languages need the accents.
    """
    stemmer = _stemmer(language)
    if stemmer is None:
        return _lightly_stemmed(fold(word), language)
    lowered = word.lower()
    if letters := _STEMMER_LETTERS.get(language):
        lowered = lowered.translate(letters)
    lowered = _without_article(lowered, language)
    return fold(stemmer.stemWord(lowered)) or fold(word)


def _without_article(word: str, language: str) -> str:
    """The word without an article written onto it; Snowball leaves it on short words."""
    article = data.ARTICLES.get(language)
    if article and word.startswith(article) and len(word) >= len(article) + data.LEAST_NOUN:
        return word[len(article) :]
    return word


def _lightly_stemmed(folded: str, language: str) -> str:
    """The folded word without the beginning and the ending that its language is known to add."""
    least = data.LIGHT_LEAST.get(language, 0)
    for start in _LIGHT_BEGINNINGS.get(language, ()):
        if folded.startswith(start) and len(folded) - len(start) >= least:
            folded = folded[len(start) :]
            break
    for end in _LIGHT_ENDINGS.get(language, ()):
        if folded.endswith(end) and len(folded) - len(end) >= least:
            return folded[: -len(end)]
    return folded


def _stemmer(language: str) -> Stemmer.Stemmer | None:
    algorithm = data.STEMMERS.get(language)
    if algorithm is None:
        return None
    if language not in _stemmers:
        # A repeated word is remembered by `forms`; a second cache would only cost memory.
        _stemmers[language] = Stemmer.Stemmer(algorithm, 0)
    return _stemmers[language]


def analyse(text: str, language: str) -> tuple[list[str], list[str]]:
    """(folded words, their stems) of a text, in its order and of the same length."""
    found = forms_of_all(_written(text), language_of(language))
    if not all(folded for folded, _ in found):
        # What is nothing but marks folds to nothing.
        found = [pair for pair in found if pair[0]]
    folded, stemmed = map(list, zip(*found, strict=True)) if found else ([], [])
    return folded, stemmed


def _written(text: str) -> list[str]:
    """The words of a text as they stand there: those of `spans`, faster where it can be."""
    if is_plain(text):
        return _WORD.findall(text)
    if _NO_BLANKS.search(text):
        return [text[start:end] for start, end in _spans(text)]
    return [word for word in _ELIDED_OR_WORD.findall(text) if word]


def query_languages(query: str, preferred: Sequence[str] = ()) -> tuple[str, ...]:
    """The languages a short text is probably written in, likeliest first, at most four.

    The script decides; within Latin script the commonest words and letters of a language do, and
    `preferred` (the visitor's interface) is added, since a search of two nouns gives nothing away.
    """
    hinted = [language_of(tag) for tag in preferred]
    for letters, tags in _SCRIPTS:
        if letters.search(query):
            return _within_script(query, tags, hinted)
    guessed = _told_by_words(query)
    return tuple(
        dict.fromkeys([*guessed, *hinted, *(() if guessed else ("en", "fr", "nl", "sq"))])
    )[:4]


def _within_script(query: str, tags: tuple[str, ...], hinted: list[str]) -> tuple[str, ...]:
    if tags[0] == "ar" and not data.NOT_ARABIC_LETTERS.isdisjoint(query):
        tags = ("fa", "ps", "ar")
    return tuple(dict.fromkeys([*(tag for tag in hinted if tag in tags), *tags]))


def _told_by_words(query: str) -> list[str]:
    lowered = query.lower()
    told = [tag for word in lowered.split() for tag in _WORDS_TELL.get(word, ())]
    told += [tag for letter in set(lowered) for tag in _LETTERS_TELL.get(letter, ())]
    scores = Counter(told)
    best = max(scores.values(), default=0)
    likeliest = [tag for tag in data.TELLING_WORDS if scores[tag] == best]
    # What three languages share, as "de", gives none of them away.
    return likeliest if best and len(likeliest) <= 2 else []


def stop_words() -> list[str]:
    """Words of every language that say nothing about what is looked for, sorted."""
    return sorted({word for words in data.STOP_WORDS.values() for word in words.split()})


def synonyms() -> dict[str, list[str]]:
    """Word -> the other words of its group; both directions are listed."""
    groups = [
        [word for words in group.values() for word in words.split()] for group in data.SYNONYMS
    ]
    return {word: [other for other in group if other != word] for group in groups for word in group}


@lru_cache(1)
def _languages_of_synonyms() -> dict[str, tuple[str, ...]]:
    """Folded word -> the languages in which it is a synonym of others."""
    found: dict[str, tuple[str, ...]] = {}
    for group in data.SYNONYMS:
        for tags, words in group.items():
            for word in map(fold, words.split()):
                found[word] = tuple(dict.fromkeys([*found.get(word, ()), *tags.split()]))
    return found


def languages_of_synonym(word: str) -> tuple[str, ...]:
    """The languages that have a word of our groups; of another word those that it may be of."""
    return _languages_of_synonyms().get(fold(word)) or query_languages(word)
