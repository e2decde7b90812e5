"""Phrases of a case in an outgoing text, whatever its case, accents, spaces and punctuation."""

from collections.abc import Iterable, Iterator

from cri_shared.privacy.detectors.expressions import expression
from cri_shared.privacy.detectors.lists import fold
from cri_shared.privacy.leakcheck.lookalikes import canonical

_SHORTEST = 4
_TOWN = r"(?:,? (?:à|te|in|at)|,? (?:B-)?\d{4,5}|,) \p{Lu}.*$"
_LEAST_OF_A_STREET = 6


def phrases(phrases: Iterable[str], text: str) -> Iterator[tuple[int, int]]:
    """Where one of the phrases stands."""
    phrases = tuple(phrases)
    if not phrases:
        return
    folded, origin = _squeezed(text)
    for phrase in phrases:
        wanted, _ = _squeezed(phrase)
        at = folded.find(wanted) if len(wanted) >= _SHORTEST else -1
        while at >= 0:
            yield origin[at], origin[at + len(wanted) - 1] + 1
            at = folded.find(wanted, at + len(wanted))


def streets(addresses: Iterable[str]) -> Iterator[str]:
    """The addresses, and each without its town, where a street and a number are left."""
    for address in addresses:
        yield address
        street = expression(_TOWN).sub("", address)
        if len(street) >= _LEAST_OF_A_STREET and any(c.isdecimal() for c in street):
            yield street


def _squeezed(text: str) -> tuple[str, list[int]]:
    """Letters and digits of a text, folded, and for each the character it came from."""
    letters: list[str] = []
    origin: list[int] = []
    for at, character in enumerate(text):
        for letter in canonical(fold(canonical(character))):
            if letter.isalnum():
                letters.append(letter)
                origin.append(at)
    return "".join(letters), origin
