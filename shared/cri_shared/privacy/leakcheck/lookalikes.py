"""Letters and digits that stand for others: lookalikes of another alphabet, and leetspeak."""

from functools import lru_cache

from cri_shared.privacy.detectors.expressions import expression

_LATIN_OF = {
    **dict(zip("асеорхуіјѕһԁԛԝк", "aceopxyijshdqwk", strict=True)),
    **dict(zip("АВСЕНІЈКМОРЅТХУ", "ABCEHIJKMOPSTXY", strict=True)),
    **dict(zip("αβεικνορτυχγ", "abeiknoptuxy", strict=True)),
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX", strict=True)),
    **dict(zip("օսոեցհԼՕՍ", "ounegjLOU", strict=False)),
}
_CYRILLIC_OF = {
    **dict(zip("aceopxyijs", "асеорхуіјѕ", strict=True)),
    **dict(zip("ABCEHIJKMOPSTXY", "АВСЕНІЈКМОРЅТХУ", strict=True)),
}
_LEET = str.maketrans("0134578@$!|", "oieastbasil")
_LEET_L = str.maketrans("1", "l")


_WORD = r"\p{L}+"


def in_one_script(text: str) -> str:
    """The text, as long as it was, with each word of mixed alphabets in one of them."""
    pieces, last = [], 0
    for match in expression(_WORD).finditer(text):
        pieces += [text[last : match.start()], _unmixed(match.group())]
        last = match.end()
    return "".join([*pieces, text[last:]])


def _unmixed(word: str) -> str:
    latin = sum(c.isascii() for c in word)
    if word.isascii() or not latin:
        return word
    own = [c for c in word if not c.isascii()]
    if all(c in _LATIN_OF for c in own):
        return "".join(_LATIN_OF.get(c, c) for c in word)
    return "".join(_CYRILLIC_OF.get(c, c) for c in word) if _is_cyrillic(own) else word


def _is_cyrillic(letters: list[str]) -> bool:
    return any("\u0400" <= c <= "\u04ff" for c in letters)


@lru_cache(maxsize=50_000)
def spellings(word: str) -> frozenset[str]:
    """The word, and what it may have been before letters were swapped for others."""
    found = {word}
    if not word.isascii():
        found.add("".join(_LATIN_OF.get(c, c) for c in word))
    if all(c in _CYRILLIC_OF for c in word):
        found.add("".join(_CYRILLIC_OF[c] for c in word))
    if any(c.isalpha() for c in word) and not word.isalpha():
        found |= {s.translate(_LEET) for s in found} | {
            s.translate(_LEET_L).translate(_LEET) for s in found
        }
    return frozenset(found)


def canonical(text: str) -> str:
    """Latin letters for lookalikes, letters for digits: alike for a text and its disguise."""
    latin = "".join(_LATIN_OF.get(c, c) for c in text)
    return latin.translate(_LEET).replace("l", "i")
