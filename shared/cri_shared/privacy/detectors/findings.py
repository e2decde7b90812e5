"""What a detector found, and the general words that may stand in its place."""

from dataclasses import dataclass
from enum import StrEnum

from cri_shared.words import N_


class FindingKind(StrEnum):
    """What sort of personal data a stretch of text may be."""

    NAME = "name"
    PLACE = "place"
    PHONE = "phone"
    EMAIL = "email"
    URL = "url"
    HANDLE = "handle"
    IBAN = "iban"
    NUMBER = "number"
    DATE = "date"
    AGE = "age"
    ADDRESS = "address"


SUGGESTIONS = {
    FindingKind.NAME: N_("a person"),
    FindingKind.PLACE: N_("a town in the province"),
    FindingKind.PHONE: N_("a phone number"),
    FindingKind.EMAIL: N_("an e-mail address"),
    FindingKind.URL: N_("a web page"),
    FindingKind.HANDLE: N_("an online account"),
    FindingKind.IBAN: N_("a bank account"),
    FindingKind.NUMBER: N_("a number"),
    FindingKind.DATE: N_("that year"),
    FindingKind.AGE: N_("of that age group"),
    FindingKind.ADDRESS: N_("an address"),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """Characters `start` to `end` (exclusive) of a text that may tell who it is about.

    `suggestion` is an English sentence part that has translations.
    """

    start: int
    end: int
    kind: FindingKind
    text: str
    suggestion: str


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch found by one rule, before overlaps are settled; a higher weight wins."""

    start: int
    end: int
    kind: FindingKind
    weight: int = 1


def settle(text: str, spans: list[Span]) -> list[Finding]:
    """Sorted findings without overlap: the heaviest, then the longest, wins.

    What a losing span covered beyond the winner stays flagged under the loser's own kind.
    """
    owner: list[Span | None] = [None] * len(text)
    for span in sorted(spans, key=lambda span: (span.weight, span.end - span.start)):
        owner[span.start : span.end] = [span] * (span.end - span.start)
    findings: list[Finding] = []
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text) and owner[end] is owner[start]:
            continue
        winner = owner[start]
        piece = text[start:end]
        if winner is not None and any(character.isalnum() for character in piece):
            findings.append(Finding(start, end, winner.kind, piece, SUGGESTIONS[winner.kind]))
        start = end
    return findings
