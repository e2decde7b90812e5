"""Indirect identification: cue words, and the checklist an officer answers before release."""

from dataclasses import dataclass
from functools import cache

import re2

from cri_shared.words import N_


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """One yes/no question about the outgoing text; `question` is an English msgid."""

    id: str
    question: str


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that suggest answering yes to the checklist item `item`."""

    start: int
    end: int
    text: str
    item: str


CHECKLIST = (
    ChecklistItem("unique_office", N_("Does the text name a post that only one person holds?")),
    ChecklistItem("known_relative", N_("Does the text mention a relative who is widely known?")),
    ChecklistItem("unique_event", N_("Does the text describe an event that few people lived?")),
    ChecklistItem("small_group_small_place", N_("Does the text join a small group and a place?")),
    ChecklistItem("exact_dates", N_("Does the text hold exact dates?")),
)

_CUES = {
    "unique_office": "only|seule?|unique|enige|mayor|maire|burgemeester|g[eé]n[eé]ra(?:l|al)"
    "|colonel|kolonel|minist(?:er|re)|interpr[eè]te[r]?|tolk|journaliste?|president|pasteur|pastor"
    "|imam|переводчик|журналист|مترجم|صحفي|صحافي",
    "known_relative": "brother of|sister of|son of|fr[eè]re d[eu]|s(?:oe|œ)ur d[eu]"
    "|broer van|zus van"
    "|uncle|oncle|oom|well[- ]known|bekende?",
    "unique_event": "triplets?|tripl[eé]s|drieling|witness|t[eé]moin|getuige|testified"
    "|t[eé]moign[eé]|getuigd|attack|attentat|aanslag|massacre|kidnapped|enlev[eé]e?|ontvoerd",
    "small_group_small_place": "member of|membre d|lid van|army|arm[eé]e|leger|militia|rebel\\p{L}*"
    "|village|dorp|minorit(?:y|é)|minderheid|gemeenschap|community|деревн\\p{L}*|село|قرية",
    "exact_dates": "born on|n[eé]e? le|geboren op|\\d{1,2}[./-]\\d{1,2}[./-]\\d{2,4}",
}


@cache
def _compiled() -> dict[str, re2._Regexp]:
    edge = r"[^\p{L}\p{M}\p{N}]"
    return {
        item: re2.compile(rf"(?i)(?:^|{edge})({words})(?:$|{edge})")
        for item, words in _CUES.items()
    }


def cues(text: str) -> list[Cue]:
    """The cue words of `text` in reading order, each with the checklist item it pre-ticks."""
    found = [
        Cue(match.start(1), match.end(1), match.group(1), item)
        for item, pattern in _compiled().items()
        for match in pattern.finditer(text)
    ]
    return sorted(found, key=lambda cue: (cue.start, cue.end))
