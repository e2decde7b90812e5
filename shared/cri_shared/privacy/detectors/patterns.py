"""Personal data with a shape: numbers, dates, ages, addresses. Linear time on hostile text."""

from collections.abc import Iterator
from functools import cache

import phonenumbers
import re2

from cri_shared.privacy.detectors.findings import FindingKind, Span

_HOME = "BE"
_MONTHS = (
    "jan|feb|f[eé]v|mar|maa|mrt|avr|apr|mai|may|mei|juin|jun|juil|jul"
    "|ao[uû]|aug|sep|oct|okt|nov|d[eé]c"
)
_STREET_FR = (
    "rue|avenue|av\\.|boulevard|bd|chauss[eé]e|place|quai|all[eé]e|impasse|square|dr[eè]ve|clos"
)
_STREET_NL = "straat|laan|steenweg|plein|weg|dreef|lei|baan|kaai|markt|park|singel|vest"
_STREET_EN = "street|road|lane|avenue|drive|square"
_WORD = r"[\p{L}\p{M}’'\-]+"

# The first group, where there is one, is what is flagged.
_PATTERNS: tuple[tuple[FindingKind, int, str], ...] = (
    (FindingKind.EMAIL, 9, r"[\p{L}\p{N}_.+\-]+@[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)+"),
    (FindingKind.URL, 8, r"(?i)(?:https?://|www\.)[^\s]+"),
    (FindingKind.HANDLE, 5, r"(?:^|[^\p{L}\p{N}_])(@[\p{L}\p{N}_]{3,})"),
    (FindingKind.IBAN, 8, r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}\b"),
    (FindingKind.NUMBER, 3, r"\b[A-Za-z]{1,3} ?\d{5,9}\b"),
    (FindingKind.NUMBER, 3, r"\b\d{2}/\d{4,6}[A-Za-z]?\b"),
    (FindingKind.NUMBER, 7, r"\b\d{2}[. ]?\d{2}[. ]?\d{2}[ \-.]?\d{3}[ \-.]?\d{2}\b"),
    (FindingKind.NUMBER, 2, r"\+?\(?\p{Nd}(?:[ \t./()\-]{0,3}\p{Nd}){5,}[A-Za-z]?"),
    (FindingKind.DATE, 6, r"\b\d{1,2}[./\-]\d{1,2}[./\-](?:(?:19|20)\d{2}|\d{2})\b"),
    (FindingKind.DATE, 6, r"\b(?:19|20)\d{2}[./\-]\d{1,2}[./\-]\d{1,2}\b"),
    (
        FindingKind.DATE,
        6,
        rf"(?i)\b\d{{1,2}}(?:er|st|nd|rd|th|e)? (?:{_MONTHS})\p{{L}}*\.?(?: (?:19|20)\d{{2}})?",
    ),
    (
        FindingKind.DATE,
        6,
        rf"(?i)\b(?:{_MONTHS})\p{{L}}* \d{{1,2}}(?:st|nd|rd|th)?,? (?:19|20)\d\d",
    ),
    (
        FindingKind.DATE,
        5,
        r"(?i)(?:born|n[eé]e?|geboren)(?: \p{L}+){0,3} ((?:19|20)\d{2})\b",
    ),
    (
        FindingKind.AGE,
        4,
        r"(?i)\b\d{1,3}[ \-](?:ans?|mois|jaar|jarige?|maanden"
        r"|years?|months?|лет|года?|سنة|عام|ساله)\b",
    ),
    (FindingKind.AGE, 4, r"\b\d{1,2} (?:лет|год|года|سنة|سنوات|عام|ساله)"),
    (FindingKind.AGE, 4, r"(?i)\b(?:van|aged?|âgée? de) (\d{1,2})\b"),
    (FindingKind.AGE, 4, r"\p{Lu}\p{L}+, ?(\d{1,2}),"),
    (
        FindingKind.ADDRESS,
        7,
        rf"(?i)(?:\b\d{{1,4}}[a-z]?,? )?\b(?:{_STREET_FR}) (?:d[eu]s? |de la |de l['’]|du |l['’])?"
        rf"{_WORD}(?: {_WORD}){{0,3}},? (?:n° ?)?\d{{1,4}}[a-z]?(?:,? ?(?:bte|bo[iî]te|bus) ?\w+)?",
    ),
    (
        FindingKind.ADDRESS,
        7,
        rf"(?i)\b\d{{1,4}}[a-z]?,? (?:{_STREET_FR}) (?:d[eu]s? |de la |de l['’]|du |l['’])?{_WORD}",
    ),
    (
        FindingKind.ADDRESS,
        7,
        rf"(?i)[\p{{L}}\-]+(?:{_STREET_NL}) \d{{1,4}}[a-z]?(?: ?(?:bus|box) ?\w+)?",
    ),
    (FindingKind.ADDRESS, 7, rf"(?i)\b\d{{1,4}} (?:{_WORD} ){{1,3}}(?:{_STREET_EN})\b"),
    (FindingKind.ADDRESS, 6, r"\b(?:B-)?[1-9]\d{3} \p{Lu}[\p{L}\-]{2,}"),
)


@cache
def _compiled() -> list[tuple[FindingKind, int, re2._Regexp]]:
    return [(kind, weight, re2.compile(pattern)) for kind, weight, pattern in _PATTERNS]


def shaped(text: str) -> Iterator[Span]:
    """Every stretch of `text` that has the shape of personal data."""
    for match in phonenumbers.PhoneNumberMatcher(
        text, _HOME, leniency=phonenumbers.Leniency.POSSIBLE
    ):
        yield Span(match.start, match.end, FindingKind.PHONE, 4)
    for kind, weight, pattern in _compiled():
        for match in pattern.finditer(text):
            start, end = match.span(1 if pattern.groups else 0)
            yield Span(start, end, kind, weight)
