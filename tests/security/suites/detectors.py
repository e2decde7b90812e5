"""How much of what identifies somebody the detectors mark, and how often they cry wolf."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cri_shared.privacy.detectors import Finding, detect

from tests.security.gold import KINDS, Sentence, gold

FULL, TOUCHED, ALARMS = 90.0, 98.0, 0.5


@dataclass
class Score:
    """Counts over sentences. `full`: every letter and digit of a mark lies in a finding."""

    sentences: int = 0
    marks: int = 0
    full: int = 0
    touched: int = 0
    alarms: int = 0
    missed: list[str] = field(default_factory=list)
    alarmed: list[str] = field(default_factory=list)

    @property
    def full_percent(self) -> float:
        """Marks that are wholly found, of a hundred."""
        return 100 * self.full / self.marks

    @property
    def touched_percent(self) -> float:
        """Marks of which at least something is found, of a hundred."""
        return 100 * self.touched / self.marks

    @property
    def alarms_each(self) -> float:
        """Findings that touch no mark, for each sentence."""
        return self.alarms / self.sentences


def score(sentences: Iterable[Sentence], kind: str | None = None) -> Score:
    """What the detectors find in sentences, of one kind of mark or of all."""
    total = Score()
    for sentence in sentences:
        findings = detect(sentence.text, sentence.language)
        total.sentences += 1
        for finding in findings:
            if not any(m.start < finding.end and finding.start < m.end for m in sentence.marks):
                total.alarms += 1
                total.alarmed.append(f"{sentence.language} {finding.kind}: {finding.text}")
        _marks(total, sentence, findings, kind)
    return total


def _marks(total: Score, sentence: Sentence, findings: list[Finding], kind: str | None) -> None:
    seen = {at for finding in findings for at in range(finding.start, finding.end)}
    for mark in sentence.marks:
        if kind not in (None, mark.kind):
            continue
        wanted = {at for at in range(mark.start, mark.end) if sentence.text[at].isalnum()}
        total.marks += 1
        total.full += wanted <= seen
        total.touched += bool(wanted & seen)
        if not wanted <= seen:
            words = sentence.words(mark)
            total.missed.append(f"{sentence.language} {mark.kind}: {words} | {sentence.text}")
