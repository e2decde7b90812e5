"""What the desk knows of a case and must keep in, and how a leak of it is told."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from cri_shared.privacy.detectors import FindingKind, detect


@dataclass(frozen=True)
class CaseFacts:
    """What intake knows about one case and what must therefore never leave it. C3: never stored."""

    names: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()
    other: tuple[str, ...] = ()

    def also(self, kind: str, words: str) -> "CaseFacts":
        """The same with words that a person marked; places and ages are no facts."""
        field = _FIELD_OF_KIND.get(kind)
        if field is None:
            return self
        return replace(self, **{field: (*getattr(self, field), words)})


@dataclass(frozen=True, slots=True)
class Leak:
    """Characters `start` to `end` of the outgoing text repeat a fact of the case."""

    kind: str
    fragment: str
    start: int
    end: int


_FIELD_OF_KIND: dict[str, str] = {
    FindingKind.NAME: "names",
    FindingKind.PHONE: "phones",
    FindingKind.EMAIL: "emails",
    FindingKind.NUMBER: "numbers",
    FindingKind.IBAN: "numbers",
    FindingKind.ADDRESS: "addresses",
    FindingKind.DATE: "dates",
    FindingKind.URL: "other",
    FindingKind.HANDLE: "other",
}
_FIELD_OF_CONTACT = {"name": "names", "phone": "phones", "email": "emails", "reference": "numbers"}


def facts_from_text(original_text: str, language: str, contact: Mapping[str, str]) -> CaseFacts:
    """The facts of a case: what the detectors see in the original, and the contact fields.

    `contact` has the keys name, phone, email, reference; any other is compared word for word.
    Places are no facts: the research question needs them. Ages are left to the officer.
    """
    facts: dict[str, list[str]] = {}
    for finding in detect(original_text, language):
        if field := _FIELD_OF_KIND.get(finding.kind):
            facts.setdefault(field, []).append(finding.text)
    for key, value in contact.items():
        if value.strip():
            facts.setdefault(_FIELD_OF_CONTACT.get(key, "other"), []).append(value)
    return CaseFacts(**{field: tuple(values) for field, values in facts.items()})
