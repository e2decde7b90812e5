"""Personal data with a shape: numbers, dates, ages, addresses. Linear time on hostile text."""

import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import phonenumbers

from cri_shared.privacy.detectors.addresses import ADDRESSES
from cri_shared.privacy.detectors.dates import dates
from cri_shared.privacy.detectors.expressions import expression
from cri_shared.privacy.detectors.findings import FindingKind, Span
from cri_shared.privacy.detectors.lists import known_words, plain

_HOME = "BE"
_CURRENCIES = (
    r"euros?|eur|€|dollars?|usd|\$|francs?|cfa|fcfa|roebels?|roubles?|rubles?|drams?|dinars?|dirhams?"
    r"|afghanis?|hryvnias?|nairas?|reais|rupees?|roupies|lari|lek[ëe]?|cedis?|kwanzas?|birr|tenge"
    r"|pesos?|рубл\p{L}*|евро|драм\p{L}*|гривн\p{L}*|лей|леев|دينار|دولار|درهم|يورو|افغانی|دالر|یورو"
    r"|დოლარ\p{L}*|ევრო\p{L}*|ლარ\p{L}*|դրամ\p{L}*|եվրո\p{L}*|ብር|ዩሮ"
)
_SUM = r"[1-9]\d{0,2}(?:[ .,]\d{3})+(?:[.,]\d{1,2})?|[1-9]\d{0,8}"
_AMOUNTS = (
    rf"(?i)(?:^|[^\p{{L}}\p{{N}}])(?:(?:{_CURRENCIES}) ?(?:{_SUM})"
    rf"|(?:{_SUM}) ?(?:\p{{L}}+ )?(?:{_CURRENCIES}))(?:$|[^\p{{L}}\p{{N}}])"
)
_AGES = (
    r"ans?|mois|jaar|jarige?|maand(?:en)?|years?|months?|años|meses|vje[çc]\p{L}*|muajsh"
    r"|лет|года?|месяц\p{L}*|рок\p{L}*|سنة|سنوات|عام\p{L}*|أشهر|ساله|سال|წლის|თვის|տարեկան|ዓመት\p{L}*"
)
_FILES = (
    r"OE|OV|O\.V\.|SP|DVZ|CGRA|CGVS|CGRS|RvV|CCE|CALL|NISS|INSZ|RR|NN|dossier\p{L}*|files?|badge|cases?"
    r"|passports?|passeports?|paspoort\p{L}*|r[eé]f\p{L}*\.?|n°|nr\.?|no\.?|number|num[eé]ros?|nummer"
    r"|номер\p{L}*|дел[оау]|паспорт\p{L}*|رقم\p{L}*|جواز|شماره|نمبر|დosie|ნომერ\p{L}*|საქმ\p{L}*"
    r"|համար\p{L}*|անձնագ\p{L}*|ቁጥር\p{L}*|número|numri"
)
_DOT = r" ?[(\[]?(?:\.|\b(?:dot|point|punt|punto|точка)\b)[)\]]? ?"
_SPELLED_EMAIL = (
    r"(?i)[\p{L}\p{N}_.\-]+ ?[(\[]?\b(?:at|arobase|apenstaartje|arroba|собака)\b[)\]]? ?"
    rf"[\p{{L}}\p{{N}}\-]+(?:{_DOT}[\p{{L}}\p{{N}}\-]+)*"
    rf"{_DOT}(?:com|org|net|be|fr|nl|eu|example|info)\b"
)
# A length of time behind one of these is nobody's age.
_DURATIONS = (
    r"(?i)(?:^|[^\p{L}])(?:for|since|after|within|in|every|per|last|first|next|than|another|about|each"
    r"|pendant|depuis|apr[eè]s|les|dans|chaque|durant|pour|sous|par|sinds|na|elke|gedurende|binnen"
    r"|over|al|tijdens|за|через|после|каждые|уже|منذ|بعد|كل|خلال|لمدة|قبل|از|تا|برای)\s*$"
)

# The first group, where there is one, is what is flagged.
_PATTERNS: tuple[tuple[FindingKind, int, str], ...] = (
    (FindingKind.EMAIL, 9, r"[\p{L}\p{N}_.+\-]+@[\p{L}\p{N}\-]+(?:\.[\p{L}\p{N}\-]+)+"),
    (FindingKind.EMAIL, 9, _SPELLED_EMAIL),
    (FindingKind.URL, 8, r"(?i)(?:https?://|www\.)[^\s]+"),
    (
        FindingKind.HANDLE,
        5,
        r"(?:^|[^\p{L}\p{N}_])(@[\p{L}\p{N}_]{2,}(?:[.\-][\p{L}\p{N}_]+)*)",
    ),
    (FindingKind.IBAN, 8, r"\b[A-Z]{2}\d{2}(?:[ .\-]?[A-Z0-9]{4}){2,7}(?:[ .\-]?[A-Z0-9]{1,3})?\b"),
    (FindingKind.NUMBER, 3, r"\b[A-Za-z]{1,3}[ \-]?\d{5,9}[A-Za-z]?\b"),
    (FindingKind.NUMBER, 3, r"\b\d{1,3}[A-Za-z]{1,3}\d{4,9}\b"),
    (FindingKind.NUMBER, 3, r"\b\d{2}/\d{4,6}[A-Za-z]?\b"),
    (FindingKind.NUMBER, 7, r"\b\d{2}[. ]?\d{2}[. ]?\d{2}[ \-.]{0,3}\d{3}[ \-.]?\d{2}\b"),
    (FindingKind.NUMBER, 2, r"\+?\(?\d(?:[ \t./()\-]{0,3}\d){5,}[A-Za-z]?"),
    (
        FindingKind.NUMBER,
        3,
        rf"(?i)(?:^|[^\p{{L}}])(?:{_FILES})[^\p{{L}}\p{{N}}]{{0,3}}(\d(?:[./ \-]?\d){{3,}}[a-z]?)",
    ),
    (FindingKind.AGE, 4, rf"(?i)(?:^|[^\p{{L}}\d])(\d{{1,3}}[ \-]?(?:{_AGES}))(?:$|[^\p{{L}}])"),
    (FindingKind.AGE, 4, r"(?i)\b(?:aged?|âgée? de) (\d{1,2})\b"),
    (FindingKind.AGE, 4, r"(?i)\b(?:dochter|zoon|kind|meisje|jongen|man|vrouw) van (\d{1,2})\b"),
    (FindingKind.AGE, 4, r"\p{Lu}\p{L}+, ?(\d{1,2}),"),
    *((FindingKind.ADDRESS, 7, pattern) for pattern in ADDRESSES),
    (FindingKind.ADDRESS, 6, r"\b(?:B-)?[1-9]\d{3} \p{Lu}[\p{L}\-]{2,}"),
)


@lru_cache(maxsize=4096)
def _level(character: str) -> str:
    if character.isdecimal():
        return str(int(character))
    if character.isspace() and character not in "\n\r":
        return " "
    if unicodedata.category(character) == "Pd":
        return "-"
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 else character


def levelled(text: str) -> str:
    """The text, as long as it was, with ASCII digits, plain spaces and dashes, no wide letters."""
    return "".join(map(_level, text))


def shaped(text: str) -> Iterator[Span]:
    """Every stretch of `text` that has the shape of personal data."""
    text = levelled(text)
    amounts = [match.span() for match in expression(_AMOUNTS).finditer(text)]
    for span in (*_phones(text), *_matches(text), *dates(text)):
        numeric = span.kind in (FindingKind.NUMBER, FindingKind.PHONE)
        if not (numeric and any(a <= span.start and span.end <= b for a, b in amounts)):
            yield span


def _phones(text: str) -> Iterator[Span]:
    for match in phonenumbers.PhoneNumberMatcher(
        text, _HOME, leniency=phonenumbers.Leniency.POSSIBLE
    ):
        yield Span(match.start, match.end, FindingKind.PHONE, 4)


def _matches(text: str) -> Iterator[Span]:
    for kind, weight, pattern in _PATTERNS:
        for match in expression(pattern).finditer(text):
            start, end = match.span(1 if expression(pattern).groups else 0)
            if kind == FindingKind.NUMBER:
                start += _prefix(text[start:end])
            if kind != FindingKind.AGE or not expression(_DURATIONS).search(
                text[max(0, start - 16) : start]
            ):
                yield Span(start, end, kind, weight)


def _prefix(number: str) -> int:
    """How many characters before the digits name a register ("RR 85…") and no passport."""
    at = next(at for at, character in enumerate(number) if not character.isalpha())
    return at + 1 if at and plain(number[:at]) in known_words() else 0
