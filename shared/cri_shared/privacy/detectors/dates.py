"""Exact days, in the words and digits of many languages."""

from collections.abc import Iterator
from functools import cache, lru_cache

from cri_shared.privacy.detectors.expressions import expression
from cri_shared.privacy.detectors.findings import FindingKind, Span
from cri_shared.privacy.detectors.lists import lines

_LONGEST_ENDING = 4
_WORD = r"[\p{L}\p{M}]+"
_YEAR = r"(?:1[3-9]|20)\d{2}"
_ORDINAL = r"(?:er|st|nd|rd|th|ste|de|e|º|-го|-е)"
_AFTER_YEAR = r"(?:[ \-]?(?:года|году|г\.|року|թ\.|թվական\p{L}*|წელს|წლის|ዓ\.ም|میلادی))?"
_NUMERIC = (
    rf"(?:^|[^\d./\-])(\d{{1,2}} ?[./\-] ?\d{{1,2}} ?[./\-] ?(?:{_YEAR}|\d{{2}}))(?:$|[^\d])",
    rf"(?:^|[^\d./\-])({_YEAR} ?[./\-] ?\d{{1,2}} ?[./\-] ?\d{{1,2}})(?:$|[^\d])",
    r"(?i)(?:born|n[eé]e?|geboren|родил\p{L}*|народи\p{L}*|nacid[oa]|lindur)"
    rf"(?: \p{{L}}+){{0,3}} ({_YEAR})\b",
)
# The second group is a word that must be a month's name.
_IN_WORDS = (
    *(
        rf"(?i)(?:^|[^\d.,])(\d{{1,2}}{ordinal}[ .\-]{{0,2}}(?:of |de |del |di |d['’])?({_WORD})\.?"
        rf"(?:,? ?(?:of |de |del )?{_YEAR}{_AFTER_YEAR})?)"
        for ordinal in ("", _ORDINAL)
    ),
    rf"(?i)(?:^|[^\p{{L}}])(({_WORD})\.? ?\d{{1,2}}{_ORDINAL}?[, ] ?{_YEAR})",
    rf"(?i)(?:^|[^\d])({_YEAR} ?(?:թ\.|թվականի|წლის)? ?({_WORD}) ?\d{{1,2}}(?:-\p{{L}}+)?)",
)
_LAW = (
    r"(?i)(?:law|act|decree|directive|convention|wet|besluit|decreet|richtlijn|loi|arrêté|arrete"
    r"|décret|code|ley|ligj\p{L}*|закон\p{L}*|указ\p{L}*|قانون|مرسوم|օրենք\p{L}*)"
    r"(?: \p{L}+)? (?:of |van |du |de |от |dated |nr\.? )*$"
)
_BEFORE = 40


@cache
def months() -> dict[str, int]:
    """The number of each month by its names in many languages, in lower case."""
    rows = map(str.split, lines("month_names.txt"))
    return {name: int(number) for number, *names in rows for name in names}


@lru_cache(maxsize=4096)
def month_number(word: str) -> int | None:
    """The number of the month that a word names, also where a script inflects it."""
    word = word.casefold()
    longest = 0 if word.isascii() else _LONGEST_ENDING
    for cut in range(longest + 1):
        if number := months().get(word[: len(word) - cut]):
            return number
    return None


def dates(text: str) -> Iterator[Span]:
    """Exact days in a text whose digits are ASCII, and years of birth; no dates of laws."""
    found = [m.span(1) for pattern in _NUMERIC for m in expression(pattern).finditer(text)]
    found += [
        match.span(1)
        for pattern in _IN_WORDS
        for match in expression(pattern).finditer(text)
        if month_number(match.group(2))
    ]
    for start, end in found:
        if not expression(_LAW).search(text[max(0, start - _BEFORE) : start]):
            yield Span(start, end, FindingKind.DATE, 6)
