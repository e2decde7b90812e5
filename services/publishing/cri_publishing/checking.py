"""Runs the rules over a draft, with what the privacy detectors see in its texts."""

import asyncio
import re
from collections.abc import Iterator

from cri_shared import clock
from cri_shared.privacy.detectors import Finding, FindingKind, cues, detect

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


async def problems_of(draft: Draft, *, number: int, renews: bool) -> list[Problem]:
    """Everything that stands against publishing a draft; detectors run in a thread."""
    found = await asyncio.to_thread(lambda: tuple(_found(draft)))
    return check(draft, Surroundings(clock.today(), number, renews, found))


def quick_problems(draft: Draft, *, number: int, renews: bool) -> list[Problem]:
    """The same without the detectors: for a text that was checked and has not changed since."""
    return check(draft, Surroundings(clock.today(), number, renews))


def _found(draft: Draft) -> Iterator[Found]:
    for text in draft.texts:
        language = "" if text is draft.original else text.language
        yield from _in("question", text.question, text.language, language)
        yield from _in("answer", text.answer, text.language, language)
    own = draft.original.language
    yield from _in("tried", draft.tried, own)
    for index, account in enumerate(draft.accounts, 1):
        yield from _in(f"account_{index}_text", account.text, account.language)
    for index, source in enumerate(draft.sources, 1):
        for name in ("label", "publisher"):
            for found in _in(f"source_{index}_{name}", getattr(source, name), own):
                if found.kind in _IN_LABELS:
                    yield found


def _in(field: str, text: str, written_in: str, translation: str = "") -> Iterator[Found]:
    if not text:
        return
    findings = detect(text, written_in)
    for finding in findings:
        if kind := _kind(finding):
            yield Found(field, kind, finding.text, translation)
    places = [finding for finding in findings if finding.kind == FindingKind.PLACE]
    for cue in cues(text):
        if cue.item in _RARE and any(_in_one_sentence(text, cue.start, p.start) for p in places):
            yield Found(field, "rare", cue.text, translation)


def _kind(finding: Finding) -> str | None:
    kind = _KINDS.get(finding.kind)
    if kind in ("number", "phone"):
        if _IDENTIFIER.fullmatch(finding.text.strip()):
            return "identifier"
        if _AMOUNT.fullmatch(finding.text.strip()):
            return None  # a sum of money has the shape of a number, too
    return kind


def _in_one_sentence(text: str, one: int, other: int) -> bool:
    start, end = sorted((one, other))
    return not re.search(r"[.!?؟]\s", text[start:end])
