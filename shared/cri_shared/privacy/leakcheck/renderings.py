"""A text as it reads once tricks of writing are undone, and where each character came from."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from cri_shared.privacy.detectors.expressions import expression
from cri_shared.privacy.detectors.lists import plain
from cri_shared.privacy.leakcheck.lookalikes import in_one_script

_ATOM = r"[\p{L}\p{N}]+"
_SPELLED = (
    "zero one two three four five six seven eight nine",
    "zero un deux trois quatre cinq six sept huit neuf",
    "nul een twee drie vier vijf zes zeven acht negen",
    "null eins zwei drei vier funf sechs sieben acht neun",
    "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "zero nje dy tre kater pese gjashte shtate tete nente",
    "ноль один два три четыре пять шесть семь восемь девять",
    "нуль один два три чотири п'ять шість сім вісім дев'ять",
    "صفر واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية تسعة",
    "صفر يك دو سه چهار پنج شش هفت هشت نه",
    "ნული ერთი ორი სამი ოთხი ხუთი ექვსი შვიდი რვა ცხრა",
    "զրո մեկ երկու երեք չորս հինգ վեց յոթ ութ ինը",
    "ዜሮ አንድ ሁለት ሦስት አራት አምስት ስድስት ሰባት ስምንት ዘጠኝ",
)
_DIGIT_OF = {
    plain(word): str(digit) for row in _SPELLED for digit, word in enumerate(row.split())
} | {"une": "1", "oh": "0", "nil": "0", "o": "0"}
_FEWEST_SPELLED, _FEWEST_SINGLE, _FEWEST_PIECES = 3, 3, 3
_WIDEST_GAP = 3


@dataclass(frozen=True)
class Rendering:
    """A rewritten text; `origin` has, for each character, its place in `source`, as it was."""

    text: str
    origin: tuple[int, ...]
    source: str

    def is_as_written(self, start: int, end: int) -> bool:
        """Whether these characters stood like this in the text as it was."""
        first, last = self.where(start, end)
        return self.source[first:last] == self.text[start:end]

    def where(self, start: int, end: int) -> tuple[int, int]:
        """Where characters `start` to `end` stand in the text as it was."""
        return self.origin[start], self.origin[end - 1] + 1


@dataclass(frozen=True, slots=True)
class _Atom:
    """An unbroken row of letters and digits; `gap` stands before it."""

    start: int
    end: int
    text: str
    gap: str


def renderings(text: str) -> Iterator[Rendering]:
    """The text without what cannot be seen, and once more with letters and digits brought together.

    The second is left out where it reads the same.
    """
    clean = _cleaned(text)
    yield clean
    together = _collapsed(_with_digits(clean))
    if together.text != clean.text:
        yield together


@lru_cache(maxsize=10_000)
def _seen(character: str) -> str:
    if character.isdecimal():
        return str(int(character))
    if character.isspace():
        return " "
    whole = unicodedata.normalize("NFKC", character)
    return "".join(c for c in whole if unicodedata.category(c) not in ("Cf", "Mn", "Cc"))


def _cleaned(text: str) -> Rendering:
    """Without invisible characters and marks; plain digits, single spaces, words in one script."""
    letters: list[str] = []
    origin: list[int] = []
    for at, character in enumerate(text):
        for letter in _seen(character):
            if letter != " " or letters[-1:] != [" "]:
                letters.append(letter)
                origin.append(at)
    return Rendering(in_one_script("".join(letters)), tuple(origin), text)


def _atoms(text: str) -> list[_Atom]:
    found, last = [], 0
    for match in expression(_ATOM).finditer(text):
        found.append(_Atom(match.start(), match.end(), match.group(), text[last : match.start()]))
        last = match.end()
    return found


def _with_digits(rendering: Rendering) -> Rendering:
    """Digits in the place of words for digits, where several follow each other."""
    atoms = _atoms(rendering.text)
    digits = [_DIGIT_OF.get(plain(atom.text)) for atom in atoms]
    replaced: dict[int, str] = {}
    at = 0
    while at < len(atoms):
        end = at
        while end < len(atoms) and (digits[end] is not None or len(atoms[end].text) == 1):
            end += 1
        spelled = [n for n in range(at, end) if digits[n] is not None]
        if sum(len(atoms[n].text) > 1 for n in spelled) >= _FEWEST_SPELLED:
            replaced |= {n: digits[n] or "" for n in spelled}
        at = max(end, at + 1)
    return _rewritten(rendering, atoms, replaced)


def _rewritten(rendering: Rendering, atoms: list[_Atom], new: dict[int, str]) -> Rendering:
    pieces: list[str] = []
    origin: list[int] = []
    last = 0
    for at, word in new.items():
        atom = atoms[at]
        pieces += [rendering.text[last : atom.start], word]
        origin += rendering.origin[last : atom.start]
        # The one digit stands for the whole word: its last character tells where the word ends.
        origin.append(rendering.origin[atom.end - 1])
        last = atom.end
    pieces.append(rendering.text[last:])
    origin += rendering.origin[last:]
    return Rendering("".join(pieces), tuple(origin), rendering.source)


def _collapsed(rendering: Rendering) -> Rendering:
    """ "S a m i r a" and "Sa.mi.ra" as one word."""
    text: list[str] = []
    origin: list[int] = []
    last = 0
    for group in _groups(_atoms(rendering.text)):
        _copy(rendering, last, group[0].start, text, origin)
        for atom in group:
            _copy(rendering, atom.start, atom.end, text, origin)
        last = group[-1].end
    _copy(rendering, last, len(rendering.text), text, origin)
    return Rendering("".join(text), tuple(origin), rendering.source)


def _copy(rendering: Rendering, start: int, end: int, text: list[str], origin: list[int]) -> None:
    text += rendering.text[start:end]
    origin += rendering.origin[start:end]


def _groups(atoms: list[_Atom]) -> Iterator[list[_Atom]]:
    """Rows of atoms that were one word: single ones, or pairs that no space parts."""
    at = 0
    while at < len(atoms):
        for fewest, longest, spaced in ((_FEWEST_SINGLE, 1, True), (_FEWEST_PIECES, 2, False)):
            end = at + (len(atoms[at].text) <= longest)
            while at < end < len(atoms) and _continues(atoms, end, longest, spaced=spaced):
                end += 1
            if end - at >= fewest:
                yield atoms[at:end]
                at = end - 1
                break
        at += 1


def _continues(atoms: list[_Atom], at: int, longest: int, *, spaced: bool) -> bool:
    atom = atoms[at]
    if len(atom.text) > longest or len(atom.gap) > _WIDEST_GAP:
        return False
    return spaced or " " not in atom.gap
