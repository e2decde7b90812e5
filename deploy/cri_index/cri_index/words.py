"""What a query means: its words with their stems, completions and near spellings."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cri_shared.index.text import analyse, fold, forms, languages_of_synonym, stem

from cri_index.settings import Settings
from cri_index.vocabulary import Vocabulary

# Weights as measured on question sets in eleven languages; they are flat (±0.01 MRR) around here.
STEM = 0.7
COMPLETION = 0.6
SYNONYM = 0.8
TYPOS = (1.0, 0.5, 0.25)
# A word that no document has is taken for misspelt: its neighbours count nearly in full. This one
# rule is worth 5 points of MRR on questions with typos.
TYPOS_OF_UNKNOWN = (1.0, 0.9, 0.7)
MOST_WORDS = 24
MOST_ALTERNATIVES = 24
STEMMED_NEIGHBOURS = 4

_PHRASE = re.compile(r'"([^"]*)"')
_EXCLUDED = re.compile(r"(?:^|(?<=\s))-(\w+)")


@dataclass(slots=True)
class Word:
    """One word of a query: folded alternatives with their weights, and its stems.

    What a language's rules leave of its synonyms, and what is near to that (`stems_in`), counts
    in documents of that language alone: in another it may be a word of its own. Alternatives
    that are `doubtful` may be other words: they are found, but not marked.
    """

    text: str
    alternatives: dict[str, float]
    stems: list[str]
    unfinished: bool = False
    stems_in: Mapping[str, Sequence[str]] = field(default_factory=dict)
    doubtful: frozenset[str] = frozenset()


@dataclass(slots=True)
class Meaning:
    """A query taken apart. `phrases` must occur, `excluded` words must not."""

    words: list[Word] = field(default_factory=list)
    phrases: list[list[str]] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """What the settings say about words, in folded form."""

    stop_words: frozenset[str]
    synonyms: dict[str, tuple[str, ...]]
    synonym_stems: dict[str, dict[str, list[str]]]
    one_typo: int
    two_typos: int
    typos_in_numbers: bool

    @classmethod
    def of(cls, settings: Settings) -> "Lexicon":
        """Read the settings once, for many queries."""
        typos: dict[str, Any] = settings["typoTolerance"]
        sizes = typos["minWordSizeForTypos"]
        never = 10_000
        return cls(
            stop_words=frozenset(fold(word) for word in settings["stopWords"]),
            synonyms={
                fold(word): tuple(fold(other) for other in others)
                for word, others in settings["synonyms"].items()
            },
            synonym_stems={
                fold(word): _by_language(others) for word, others in settings["synonyms"].items()
            },
            one_typo=sizes["oneTypo"] if typos["enabled"] else never,
            two_typos=sizes["twoTypos"] if typos["enabled"] else never,
            typos_in_numbers=not typos["disableOnNumbers"],
        )

    def edits(self, word: str) -> int:
        """How many typos a word may have."""
        if word.isdigit() and not self.typos_in_numbers:
            return 0
        return (len(word) >= self.one_typo) + (len(word) >= self.two_typos)


@dataclass(frozen=True, slots=True)
class Known:
    """What an index knows of words at one moment: its settings, its words, their stems."""

    lexicon: Lexicon
    words: Vocabulary
    stems: Vocabulary


def understand(query: str, languages: Sequence[str], known: Known) -> Meaning:
    """Take a query apart and look its words up among those of the index.

    The last word is taken for the beginning of one unless something follows it.
    """
    phrases = [analyse(each, "")[0] for each in _PHRASE.findall(query)]
    plain = _PHRASE.sub(" ", query).replace('"', " ")
    excluded = [fold(word) for word in _EXCLUDED.findall(plain)]
    plain = _EXCLUDED.sub(" ", plain)
    stems = _stems(plain, languages, known.lexicon)
    open_ended = bool(plain) and plain[-1].isalnum()
    last = len(stems) - 1
    return Meaning(
        words=[
            _word(word, found, open_ended and at == last, known)
            for at, (word, found) in enumerate(stems.items())
        ],
        phrases=[phrase for phrase in phrases if phrase],
        excluded=excluded,
    )


def _stems(text: str, languages: Sequence[str], lexicon: Lexicon) -> dict[str, dict[str, str]]:
    """Folded word -> its stem in each of these languages; without stop words if others remain."""
    found: dict[str, dict[str, str]] = {}
    for language in languages:
        for word, stemmed in zip(*analyse(text, language), strict=True):
            found.setdefault(word, {}).setdefault(language, stemmed)
    telling = {word: stems for word, stems in found.items() if word not in lexicon.stop_words}
    return dict(list((telling or found).items())[:MOST_WORDS])


def _word(word: str, stems: dict[str, str], unfinished: bool, known: Known) -> Word:
    lexicon = known.lexicon
    alternatives = {word: 1.0}
    for synonym in lexicon.synonyms.get(word, ()):
        alternatives.setdefault(synonym, SYNONYM)
    own = list(dict.fromkeys(stems.values()))
    stems_in = dict(lexicon.synonym_stems.get(word, {}))
    doubtful: frozenset[str] = frozenset()
    if unfinished:
        for longer in known.words.completions(word, MOST_ALTERNATIVES):
            alternatives.setdefault(longer, COMPLETION)
    if edits := lexicon.edits(word):
        near = known.words.near(word, edits)[:MOST_ALTERNATIVES]
        unknown = not known.words.has(word)
        weights = TYPOS_OF_UNKNOWN if unknown else TYPOS
        if not unknown:
            doubtful = frozenset(other for other, _ in near if other not in alternatives)
        for other, distance in near:
            alternatives.setdefault(other, weights[distance])
        if unknown and near:
            own = list(dict.fromkeys([*own, *_stems_of(near, stems)]))
        elif unknown:
            for language, stemmed in stems.items():
                more = _near_stems({stemmed, word}, edits, known)
                stems_in[language] = [*stems_in.get(language, ()), *more]
    return Word(word, alternatives, own, unfinished, stems_in, doubtful)


def _stems_of(near: Sequence[tuple[str, int]], languages: Iterable[str]) -> list[str]:
    words = [word for word, _ in near[:STEMMED_NEIGHBOURS]]
    return [forms(word, language)[1] for word in words for language in languages]


def _near_stems(forms: Iterable[str], edits: int, known: Known) -> list[str]:
    """Stems near to these: nobody wrote the misspelt word, but somebody another form of it."""
    near = [each for form in forms for each in known.stems.near(form, edits)]
    return [stemmed for stemmed, _ in sorted(near, key=lambda pair: pair[1])[:STEMMED_NEIGHBOURS]]


def _by_language(words: Sequence[str]) -> dict[str, list[str]]:
    """Language -> the stems of those of the words that it has.

    With the words themselves: what is left of a longer form may be as long as they are.
    """
    found: dict[str, list[str]] = {}
    for word in words:
        for language in languages_of_synonym(word):
            found.setdefault(language, []).extend((stem(word, language), fold(word)))
    return {language: list(dict.fromkeys(stems)) for language, stems in found.items()}
