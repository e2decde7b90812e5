"""Ways to write what identifies somebody so that a simple comparison misses it.

Each takes the words, the kind of the mark and the language of the text, and gives them back
unchanged where it does not apply.
"""

import re
import unicodedata
from collections.abc import Callable

from cri_shared.privacy.detectors.dates import months
from unidecode import unidecode

Disguise = Callable[[str, str, str], str]
NUMBERS = frozenset({"phone", "register", "file", "iban", "date"})
WORDS = frozenset({"name", "rare"})
_LOOKALIKES = dict(zip("aceopxyiABCEHKMOPTX", "асеорхуіАВСЕНКМОРТХ", strict=True))
_BACK = {other: latin for latin, other in _LOOKALIKES.items()}
_LEET = str.maketrans("aeiostAEIOST", "431057431057")
_CYRILLIC = dict(
    zip("abcdefghijklmnopqrstuvwxyz", "абкдефгхижклмнопкрстуввксиз", strict=False),
    y="и",
    z="з",
    q="к",
    w="в",
    x="кс",
)
_SPELLED = {
    "en": "zero one two three four five six seven eight nine",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "nl": "nul een twee drie vier vijf zes zeven acht negen",
}
_INVISIBLE = "\u200b\u00ad\u2060\ufeff"
_EASTERN = "٠١٢٣٤٥٦٧٨٩"


def case(words: str, kind: str, language: str) -> str:
    """Capitals, or small letters where there were only capitals."""
    return words.lower() if words.isupper() else words.upper()


def spacing(words: str, kind: str, language: str) -> str:
    """A space after every character."""
    return " ".join("".join(words.split()))


def punctuation(words: str, kind: str, language: str) -> str:
    """A dot after every second letter or digit, and nothing of what stood there."""
    if kind in NUMBERS:
        return ".".join(re.findall(r"\w{1,2}", re.sub(r"\W", "", words)))
    return " ".join(".".join(re.findall(r".{1,2}", word)) for word in words.split())


def lookalikes(words: str, kind: str, language: str) -> str:
    """Letters of another alphabet that look the same."""
    swapped = "".join(_LOOKALIKES.get(c, c) for c in words)
    return swapped if swapped != words else "".join(_BACK.get(c, c) for c in words)


def marks(words: str, kind: str, language: str) -> str:
    """Without accents; where there are none, with one on every second letter."""
    bare = "".join(c for c in unicodedata.normalize("NFD", words) if not unicodedata.combining(c))
    if bare != unicodedata.normalize("NFD", words) or kind not in WORDS:
        return bare
    return re.sub(r"([^\W\d_])([^\W\d_])", "\\1\u0301\\2", words)


def other_digits(words: str, kind: str, language: str) -> str:
    """Eastern Arabic digits, or plain ones where those stood."""
    return "".join(_other(c) for c in words)


def _other(character: str) -> str:
    if not character.isdecimal():
        return character
    return _EASTERN[int(character)] if character.isascii() else str(int(character))


def invisible(words: str, kind: str, language: str) -> str:
    """A character that is not seen between every two."""
    return "".join(c + _INVISIBLE[at % len(_INVISIBLE)] for at, c in enumerate(words))


def leet(words: str, kind: str, language: str) -> str:
    """Digits for letters in names; digits spelled as words in numbers."""
    if kind not in NUMBERS:
        return words.translate(_LEET)
    spelled = _SPELLED.get(language, _SPELLED["en"]).split()
    return " ".join(spelled[int(c)] if c.isdecimal() else c for c in words if c.isalnum())


def transliteration(words: str, kind: str, language: str) -> str:
    """Names in another script: Latin letters for others, Cyrillic for Latin ones."""
    if kind not in WORDS:
        return words
    latin = unidecode(words)
    if latin != words and not any("LATIN" in unicodedata.name(c, "") for c in words):
        return latin.title()
    return "".join(_CYRILLIC.get(c, c) for c in unidecode(words).lower()).title()


def order(words: str, kind: str, language: str) -> str:
    """The words from last to first, on lines of their own; a number broken in two lines."""
    if kind in NUMBERS:
        breaks = [m.end() for m in re.finditer(r"\W+|\d(?=\d)", words)]
        middle = min(breaks, key=lambda at: abs(at - len(words) // 2))
        return f"{words[:middle]}\n{words[middle:]}"
    return ",\n".join(reversed(words.split())) if kind in WORDS else words.replace(" ", "\n")


def typing(words: str, kind: str, language: str) -> str:
    """One letter left out of the longest word."""
    longest = max(words.split(), key=len)
    if kind not in WORDS or len(longest) < 5:
        return words
    return words.replace(longest, longest[:2] + longest[3:])


def form(words: str, kind: str, language: str) -> str:
    """The same number in another of its usual forms: a foreign prefix, a date in words."""
    digits = "".join(str(int(c)) for c in words if c.isdecimal())
    if kind == "phone":
        return f"+{digits.lstrip('0')}" if digits.startswith("00") else f"+32 {digits[1:]}"
    if kind == "date":
        return _date(words)
    return re.sub(r"[^\w]", "", words) if kind in NUMBERS else words


def _date(words: str) -> str:
    levelled = "".join(str(int(c)) if c.isdecimal() else c for c in words)
    numbers = [int(number) for number in re.findall(r"\d+", levelled)]
    named = [months()[w] for w in re.findall(r"[^\W\d]+", levelled.lower()) if w in months()]
    if named and len(numbers) == 2:
        day, year = sorted(numbers)
        return f"{year}-{named[0]:02}-{day:02}"
    if len(numbers) != 3:
        return words
    year, month, day = numbers if numbers[0] > 31 else reversed(numbers)
    return f"{day} {_ENGLISH[month - 1]} {year}"


_ENGLISH = (
    *("January", "February", "March", "April", "May", "June", "July", "August", "September"),
    *("October", "November", "December"),
)
DISGUISES: dict[str, Disguise] = {
    "case": case,
    "spacing": spacing,
    "punctuation inside": punctuation,
    "lookalike letters": lookalikes,
    "accents": marks,
    "digits of another script": other_digits,
    "invisible characters": invisible,
    "leetspeak, spelled digits": leet,
    "another script": transliteration,
    "word order, line breaks": order,
    "a letter left out": typing,
    "another usual form": form,
}
