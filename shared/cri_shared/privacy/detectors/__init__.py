"""Detectors: which stretches of a text may tell who it is about. Suggestions, never a promise."""

from cri_shared.privacy.detectors.cues import CHECKLIST, ChecklistItem, Cue, cues
from cri_shared.privacy.detectors.findings import Finding, FindingKind, settle

__all__ = [
    "CHECKLIST",
    "ChecklistItem",
    "Cue",
    "Finding",
    "FindingKind",
    "cities_in",
    "cues",
    "detect",
]


def detect(text: str, language: str) -> list[Finding]:
    """What may be personal in `text`, sorted and without overlap; offsets are characters.

    `language` is the tag the text is written in. The first call loads word lists.
    """
    # Loaded on first use: the lists take seconds and 200 MB that most processes never need.
    from cri_shared.privacy.detectors.patterns import shaped
    from cri_shared.privacy.detectors.words import words

    return settle(text, [*shaped(text), *words(text, language)])


def cities_in(text: str, language: str) -> list[int]:
    """Where words for a large city or a capital begin: no findings, but places all the same."""
    from cri_shared.privacy.detectors.reading import Reading

    return Reading(text, language).cities()
