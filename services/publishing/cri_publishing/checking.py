"""Runs the rules over a draft, with what the privacy detectors see in its texts."""

import asyncio
import datetime as dt
import re
from collections.abc import Iterator
from functools import cache

from cri_shared import clock
from cri_shared.index.documents import READERS
from cri_shared.places import COUNTRIES, INTERFACE_LANGUAGES
from cri_shared.places.languages import language_name
from cri_shared.privacy.detectors import Finding, FindingKind, cities_in, cues, detect

from cri_publishing.rules.checks import Problem, check
from cri_publishing.rules.draft import Draft, Found, Surroundings

_KINDS = {
    FindingKind.EMAIL: "email",
    FindingKind.IBAN: "iban",
    FindingKind.NAME: "name",
    FindingKind.PHONE: "phone",
    FindingKind.HANDLE: "handle",
    FindingKind.NUMBER: "number",
    FindingKind.ADDRESS: "address",
    FindingKind.DATE: "date",
}
# Belgian national numbers, passport and file numbers, however they are spaced.
_IDENTIFIER = re.compile(
    r"\d{2}[. ]?\d{2}[. ]?\d{2}[ .\-]?\d{3}[ .\-]?\d{2}|[A-Za-z]{1,3} ?\d{6,9}"
    r"|\d{1,2}[./]\d{3}[./]\d{3}"
)
_AMOUNT = re.compile(r"\d{1,3}(?:[ .\u00a0\u202f]\d{3})+|\d{4,6}")
_RARE = frozenset({"unique_office", "known_relative", "unique_event"})
_IN_LABELS = frozenset({"email", "phone", "iban"})


async def problems_of(
    draft: Draft, *, number: int, renews: bool, last_checked: dt.date | None = None
) -> list[Problem]:
    """Everything that stands against publishing a draft; detectors run in a thread."""
    found = await asyncio.to_thread(lambda: tuple(_found(draft)))
    return check(draft, Surroundings(clock.today(), number, renews, last_checked, found))


def quick_problems(draft: Draft, *, number: int, renews: bool) -> list[Problem]:
    """The same without the detectors: for a text that was checked and has not changed since."""
    return check(draft, Surroundings(clock.today(), number, renews))


@cache
def _languages() -> frozenset[str]:
    """The names of languages, which detectors take for names of people."""
    named = (language_name(tag, in_language=i) for tag in READERS for i in INTERFACE_LANGUAGES)
    return frozenset(name.casefold() for name in named)


def _known(draft: Draft) -> frozenset[str]:
    """Words that name a language or the place that an answer is about, and no person."""
    country = COUNTRIES[draft.country].names.values() if draft.country in COUNTRIES else ()
    places = re.findall(r"\w{4,}", " ".join((draft.region, *country)).casefold())
    return _languages().union(places)


def _found(draft: Draft) -> Iterator[Found]:
    known = _known(draft)
    for field, text, written_in, translation in _fields(draft):
        for kind, words in _seen(text, written_in, known):
            if not field.startswith("source_") or kind in _IN_LABELS:
                yield Found(field, kind, words, translation)


def _fields(draft: Draft) -> Iterator[tuple[str, str, str, str]]:
    """(field, its text, the language it is written in, the translation it belongs to)."""
    for text in draft.texts:
        translation = "" if text is draft.original else text.language
        yield "question", text.question, text.language, translation
        yield "answer", text.answer, text.language, translation
    own = draft.original.language
    yield "tried", draft.tried, own, ""
    for index, account in enumerate(draft.accounts, 1):
        yield f"account_{index}_text", account.text, account.language, ""
    for index, source in enumerate(draft.sources, 1):
        yield f"source_{index}_label", source.label, own, ""
        yield f"source_{index}_publisher", source.publisher, own, ""


def _seen(text: str, written_in: str, known: frozenset[str]) -> Iterator[tuple[str, str]]:
    """(kind, words) of everything in a text that may tell who it is about."""
    if not text:
        return
    findings = detect(text, written_in)
    for finding in findings:
        if kind := _kind(finding, known):
            yield kind, finding.text
    places = [finding.start for finding in findings if finding.kind == FindingKind.PLACE]
    places += cities_in(text, written_in)
    for cue in cues(text):
        if cue.item in _RARE and any(_in_one_sentence(text, cue.start, place) for place in places):
            yield "rare", cue.text


def _kind(finding: Finding, known: frozenset[str]) -> str | None:
    kind = _KINDS.get(finding.kind)
    words = finding.text.strip()
    if kind == "name" and (words[:1].islower() or _is_known(words.casefold(), known)):
        return None  # a common word, a language, or the place that the answer is about
    if kind == "date" and re.fullmatch(r"(?:19|20)\d\d", words):
        return None
    if kind in ("number", "phone"):
        if _IDENTIFIER.fullmatch(words):
            return "identifier"
        if _AMOUNT.fullmatch(words):
            return None  # a sum of money has the shape of a number, too
    return kind


def _is_known(word: str, known: frozenset[str]) -> bool:
    return any(word.startswith(one) for one in known)  # Brazilian, Arméniens


def _in_one_sentence(text: str, one: int, other: int) -> bool:
    start, end = sorted((one, other))
    return not re.search(r"[.!?؟]\s", text[start:end])
