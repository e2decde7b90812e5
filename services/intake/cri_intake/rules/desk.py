"""The desk's decisions: what a person must say of a text, and who must look at it too."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from cri_shared.privacy.detectors import CHECKLIST, Cue
from cri_shared.privacy.gate import Suspect
from cri_shared.privacy.gate_words import Reason
from cri_shared.words import N_

Verdict = Literal["accepted", "replaced", "kept"]
WHY_SECOND = {
    "red": N_("The question is red: it may put somebody in danger."),
    "checklist": N_("The text holds something that may point to one person. It says so below."),
    "cues": N_("The question is amber, and its text has words that may point to one person."),
    "leaks": N_("The leak check finds something in the text."),
    "other": N_("Something stays in the text for a reason that is not on the list."),
}
_OF_NUMBERS = (Reason.PUBLIC_BODY, Reason.FIGURE, Reason.OTHER)
_OF_KIND = {
    "name": (Reason.ORDINARY, Reason.PUBLIC_BODY, Reason.REGION, Reason.OTHER),
    "date": (Reason.FIGURE, Reason.OTHER),
    "age": (Reason.OTHER,),
    "address": (Reason.PUBLIC_BODY, Reason.OTHER),
}
_OF_TOWNS = (Reason.PLACE, Reason.REGION, Reason.ORDINARY, Reason.PUBLIC_BODY)
_OF_SMALL_PLACES = (Reason.REGION, Reason.ORDINARY, Reason.PUBLIC_BODY)


@dataclass(frozen=True)
class Spotted:
    """A suspect of an outgoing text, or of the place that leaves beside it.

    `size` is "town" for a place of 15,000 people or more (those of 100,000 and capitals are not
    spotted at all), "small" for one that no list knows, "" for what is no place.
    """

    suspect: Suspect
    where: Literal["text", "place"]
    size: str = ""

    @property
    def mark(self) -> str:
        """How the form names it."""
        return self.suspect.mark

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it may stay. A small place tells who asks: that readers need it is no reason."""
        if self.size:
            return _OF_TOWNS if self.size == "town" else _OF_SMALL_PLACES
        return _OF_KIND.get(self.suspect.kind, _OF_NUMBERS)


@dataclass
class Said:
    """What officers said about one text; sealed with it.

    `kept`: reasons by mark. `done`: (kind, verdict) by mark, for the monthly counts. `checklist`:
    yes or no by item. `shown`: the marks of all suspects and cue words that a page has shown.
    """

    kept: dict[str, str] = field(default_factory=dict)
    done: dict[str, tuple[str, str]] = field(default_factory=dict)
    checklist: dict[str, str] = field(default_factory=dict)
    shown: list[str] = field(default_factory=list)

    def to_json(self) -> str:
        """The form in which it is sealed."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Said":
        """Read what `to_json` wrote."""
        raw = json.loads(text)
        raw["done"] = {mark: (kind, verdict) for mark, (kind, verdict) in raw["done"].items()}
        return cls(**raw)

    @property
    def is_checked(self) -> bool:
        """Whether every point of the checklist has an answer."""
        return all(item.id in self.checklist for item in CHECKLIST)

    def open_suspects(self, spotted: Iterable[Spotted]) -> list[Spotted]:
        """What nobody gave a good reason for yet."""
        return [one for one in spotted if self.kept.get(one.mark) not in one.reasons]

    def unseen(self, cues: Iterable[Cue]) -> list[Cue]:
        """The cue words that appeared after the checklist was answered with a no."""
        new = [cue for cue in cues if cue_mark(cue) not in self.shown]
        return [cue for cue in new if self.checklist.get(cue.item) != "yes"]


@dataclass(frozen=True)
class Decision:
    """What an officer does with a suspect: other words in its place, or a reason to keep it."""

    verdict: Verdict
    words: str = ""


def cue_mark(cue: Cue) -> str:
    """How a form names a cue word."""
    return Suspect(cue.item, cue.text, cue.start, cue.end).mark


def decision_in(values: Mapping[str, Any], spotted: Spotted, suggestion: str) -> Decision | None:
    """What a form says about a suspect; None where it does not say enough."""
    mark = spotted.mark
    match values.get(f"do_{mark}", "keep" if spotted.where == "place" else ""):
        case "accept":
            return Decision("accepted", suggestion)
        case "replace" if words := str(values.get(f"with_{mark}", "")).strip():
            return Decision("replaced", words)
        case "keep" if (reason := str(values.get(f"keep_{mark}", ""))) in spotted.reasons:
            return Decision("kept", reason)
    return None


def rewritten(text: str, suspects: Sequence[Suspect], decisions: Mapping[str, Decision]) -> str:
    """A text with other words wherever a decision puts some; `suspects` with every repetition."""
    for suspect in sorted(suspects, key=lambda suspect: -suspect.start):
        decision = decisions.get(suspect.mark)
        if decision is not None and decision.verdict != "kept":
            text = text[: suspect.start] + decision.words + text[suspect.end :]
    return text


def why_second(sensitivity: str, said: Said, *, cues: Collection[Cue], leaks: bool) -> list[str]:
    """Why another officer must look at a text before it leaves (codes of WHY_SECOND); or none."""
    reasons = {
        "red": sensitivity == "red",
        "checklist": "yes" in said.checklist.values(),
        "cues": sensitivity == "amber" and bool(cues),
        "leaks": leaks,
        "other": Reason.OTHER in said.kept.values(),
    }
    return [code for code, holds in reasons.items() if holds]
