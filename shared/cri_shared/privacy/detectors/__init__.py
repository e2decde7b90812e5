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
    "is_town",
]


def detect(text: str, language: str) -> list[Finding]:
    """What may be personal in `text`, sorted and without overlap; offsets are characters.

    `language` is the tag the text is written in. The first call loads word lists.
    """
    # Loaded on first use: the lists take 50 MB that most processes never need.
    from cri_shared.privacy.detectors.patterns import shaped
    from cri_shared.privacy.detectors.words import words

    return settle(text, [*shaped(text), *words(text, language)])


def cities_in(text: str, language: str) -> list[int]:
    """Where words for a large city or a capital begin: no findings, but places all the same."""
    from cri_shared.privacy.detectors.reading import Reading

    return Reading(text, language).cities()


def is_town(name: str) -> bool:
    """Whether the world's towns of 15,000 people and more hold one of this name (GeoNames)."""
    from cri_shared.privacy.detectors.lists import cities, fold

    return fold(" ".join(name.split())) in cities()
