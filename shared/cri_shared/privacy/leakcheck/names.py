"""Names of a case in an outgoing text, however they are spelled."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz.distance import DamerauLevenshtein

from cri_shared.privacy.detectors.expressions import expression
from cri_shared.privacy.detectors.lists import (
    allowed,
    allowed_folded,
    before_names,
    cities,
    fold,
    given_names,
    plain,
)
from cri_shared.privacy.detectors.vocabulary import COMMON, LATIN, frequency, is_ordinary
from cri_shared.privacy.leakcheck.lookalikes import spellings
from cri_shared.privacy.leakcheck.renderings import Rendering

_LONG_PLACE = 7
_SHORTEST, _SHORTEST_INSIDE, _SHORTEST_SKELETON = 3, 4, 3
_NO_NAMES = frozenset(("the", "and", "het", "een", "les", "des", "mon", "son"))
_WORD = r"[\p{L}\p{N}@$!|]+(?:[’'\-._·*/,]{1,2}[\p{L}\p{N}@$!|]+)*"
_LETTERS = r"[^a-z]+"
_INNER = r"[^\p{L}\p{N}@$!|]+"
_LONG_RUN = 10  # letters that were apart may hold several names
_SOUNDS = str.maketrans({"c": "k", "q": "k", "w": None, "h": None, "y": None, "j": "z", "x": "k"})


@dataclass(frozen=True, slots=True)
class _Word:
    """A word of the outgoing text; `bare` is in lower case and its own script.

    `disguised`: it was written in another way, so being an ordinary word is no excuse.
    """

    start: int
    end: int
    text: str
    bare: str
    parts: frozenset[str]
    like_name: bool
    disguised: bool


def names(
    names: Iterable[str], addresses: Iterable[str], rendering: Rendering
) -> Iterator[tuple[int, int]]:
    """Where a part of a name stands, or a word of an address that is no word of a language."""
    names = tuple(names)
    secret = {part for name in names for part in _parts(name) if not _tells_nobody(part)}
    secret |= {part for name in names if " " in name for part in _parts("".join(name.split()))}
    secret |= {part for address in addresses for part in _parts(address) if _is_rare(part)}
    if not secret:
        return
    bare = {part for name in names for part in _bare(name) if len(part) >= _SHORTEST}
    skeletons = {s for part in secret if len(s := _skeleton(part)) >= _SHORTEST_SKELETON}
    scripts = {_is_latin(name) for name in names}
    for word in _words(rendering):
        foreign = _is_latin(word.text) not in scripts
        if (
            _same_script(word, bare)
            or any(_same_name(name, part, word) for part in word.parts for name in secret)
            or (
                foreign
                and word.like_name
                and any(_skeleton(part) in skeletons for part in _own_parts(word))
            )
        ):
            yield word.start, word.end


def _bare(name: str) -> Iterator[str]:
    yield from plain(name).split()
    yield "".join(plain(name).split())


def _words(rendering: Rendering) -> Iterator[_Word]:
    text = rendering.text
    for match in expression(_WORD).finditer(text):
        word = match.group()
        whole = expression(_INNER).sub("", word)
        pieces = {whole, *expression(_INNER).split(word)} - {""}
        parts = frozenset(
            part for piece in pieces for spelling in spellings(piece) for part in _parts(spelling)
        )
        first = word[0]
        like_name = not first.islower() and not _opens_sentence(text, match.start())
        disguised = whole != word or not rendering.is_as_written(*match.span())
        bare = plain(whole)
        yield _Word(match.start(), match.end(), word, bare, parts, like_name, disguised)


@lru_cache(maxsize=50_000)
def _parts(text: str) -> tuple[str, ...]:
    parts = expression(_LETTERS).split(fold(text.replace("\u200c", "")))
    return tuple(part for part in parts if len(part) >= _SHORTEST)


def _opens_sentence(text: str, start: int) -> bool:
    before = text[max(0, start - 4) : start].rstrip()
    return not before or before[-1] in ".!?:؟።։"


def _same_script(word: _Word, bare: set[str]) -> bool:
    """The very word, in a script whose Latin letters would be too few to tell."""
    return not word.bare.isascii() and word.bare in bare and word.bare not in allowed()


def _same_name(name: str, part: str, word: _Word) -> bool:
    if name == part:
        # "Blessing" and "Alpha" are names and words: as a word they are written small.
        return word.disguised or not word.text[0].islower() or not _is_used(name)
    if len(part) >= _LONG_RUN and len(name) >= _SHORTEST_INSIDE and name in part:
        return word.disguised or not _is_word(part)
    limit = 0 if len(name) < 5 else 1 if len(name) < 8 else 2
    if DamerauLevenshtein.distance(name, part, score_cutoff=limit) > limit:
        return False
    return not _is_another_word(part, word.like_name)


def _is_another_word(part: str, like_name: bool) -> bool:
    """Whether this is a word of its own: "price" is no mistyped "Prince".

    A capital inside a sentence takes that excuse away, but for a longer place name: "Mykolaiv" is
    no mistyped "Mykolajiv". Short ones are no excuse, some town is near to any short name.
    """
    if part in allowed_folded() or (len(part) >= _LONG_PLACE and part in cities()):
        return True
    return not like_name and _is_word(part)


@cache
def _beside_names() -> frozenset[str]:
    """Titles and particles, which stand in many names and tell nobody."""
    beside = {
        word
        for language in LATIN
        for sort in ("title", "particle")
        for phrase in before_names(language)[sort]
        for word in phrase
    }
    return frozenset(beside | _NO_NAMES)


def _tells_nobody(part: str) -> bool:
    """Whether this stands in many names: a title, a particle, a place."""
    return part in _beside_names() or part in allowed_folded()


@lru_cache(maxsize=50_000)
def _is_word(word: str) -> bool:
    return any(is_ordinary(word, language) for language in LATIN)


def _is_used(name: str) -> bool:
    """Whether a name is used as a word, too, and often enough to mean the word."""
    if name not in given_names():
        return _is_word(name)
    return any(
        is_ordinary(name, language) and frequency(name, language) >= COMMON for language in LATIN
    )


def _is_rare(part: str) -> bool:
    return len(part) > _SHORTEST and not (
        _is_word(part) or part in allowed_folded() or part in cities()
    )


def _is_latin(text: str) -> bool:
    return any("a" <= c <= "z" for c in plain(text))


def _own_parts(word: _Word) -> Iterator[str]:
    """What may be a name written in another script: no ordinary word, and no place."""
    for part in _parts(word.text):
        if not (_is_word(part) or part in allowed_folded() or part in cities()):
            yield part


@lru_cache(maxsize=50_000)
def _skeleton(part: str) -> str:
    """The consonants of a name, as far as scripts without vowels tell them apart."""
    sounds = part.replace("ph", "f").replace("sh", "s").replace("ch", "s").replace("x", "ks")
    consonants = [c for c in sounds.translate(_SOUNDS) if c not in "aeiou"]
    return "".join(c for at, c in enumerate(consonants) if consonants[at - 1 : at] != [c])
