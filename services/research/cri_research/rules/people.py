"""What the words of an answer say about private persons, and about the partner who gave them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from cri_shared.places import INTERFACE_LANGUAGES
from cri_shared.privacy.gate import (
    PERSONAL,
    Suspect,
    by_kind,
    explained,
    personal_in_any,
    told,
    unexplained,
)
from cri_shared.privacy.gate_words import KIND_WORDS, REASON_WORDS, Reason
from cri_shared.privacy.leakcheck import CaseFacts, leaks
from cri_shared.words import N_

from cri_research.rules.answers import Answer

_FEW_DIGITS = 8  # a shorter number is a house, a price, an hour


@dataclass(frozen=True)
class Seen:
    """What the gate saw, by text: what may be somebody's, and what repeats who the partner is."""

    suspects: Mapping[str, Sequence[Suspect]] = field(default_factory=dict)
    secrets: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def within(self, answer: Answer) -> list[Suspect]:
        """The suspects in all words of an answer that leave research."""
        return [one for _, text in leaving(answer) for one in self.suspects.get(text, ())]

    def has_looked_at(self, answer: Answer) -> bool:
        """Whether it saw every word of an answer that leaves research."""
        return all(text in self.suspects for _, text in leaving(answer))


def leaving(answer: Answer) -> list[tuple[str, str]]:
    """(field of the form, text) of all words of an answer that leave research."""
    texts = [("text", answer.text), ("tried", answer.tried or "")]
    for line in answer.sources:
        name = "public_label" if line.public_label or line.is_internal else "label"
        texts.append((f"source_{line.number}_{name}", getattr(line, name) or ""))
    return [(name, text) for name, text in texts if text]


def look_at(answers: Iterable[Answer], about: Sequence[str], secrets: CaseFacts) -> Seen:
    """Look at all words that leave; `about`: names of the place they are about. Slow at first."""
    suspects: dict[str, Sequence[Suspect]] = {}
    repeated: dict[str, Sequence[str]] = {}
    for answer in answers:
        for name, text in leaving(answer):
            # Sources are often named in another language than the answer is in.
            others = INTERFACE_LANGUAGES if name.startswith("source_") else ()
            found = personal_in_any(text, [answer.language, *others], about)
            suspects[text] = [one for one in found if _counts(one)]
            repeated[text] = [leak.fragment for leak in leaks(secrets, text)]
    return Seen(suspects, repeated)


def _counts(suspect: Suspect) -> bool:
    numeric = suspect.kind in ("phone", "number")
    few = sum(character.isdigit() for character in suspect.text) < _FEW_DIGITS
    return suspect.kind in PERSONAL and not (numeric and few)


def still_open(
    answer: Answer, seen: Seen, said: Mapping[str, str]
) -> Iterator[tuple[str, list[Suspect]]]:
    """(field, suspects) of what nobody explained yet, in the order of the form."""
    for name, text in leaving(answer):
        found = seen.suspects.get(text, ())
        if left := unexplained(found, explained(found, said)):
            yield name, left


def sentences(
    answer: Answer, seen: Seen, said: Mapping[str, str]
) -> Iterator[tuple[str, str, str, dict[str, str]]]:
    """(kind, level, English sentence, its values) of every kind that an answer seems to hold."""
    for kind, group in by_kind(seen.within(answer)).items():
        reasons = explained(group, said)
        if left := unexplained(group, reasons):
            text = N_("%(kind)s: %(words)s. Take it out, or say below why it belongs here.")
            yield kind, "stop", text, {"kind": KIND_WORDS[kind], "words": told(left)}
        for reason in dict.fromkeys(reasons.values()):
            kept = [one for one in group if reasons.get(one.mark) == reason]
            text = N_("%(kind)s: %(words)s. It stays: %(reason)s.")
            values = {"kind": KIND_WORDS[kind], "words": told(kept)}
            yield kind, "look", text, values | {"reason": REASON_WORDS[Reason(reason)]}
