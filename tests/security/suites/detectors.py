"""How much of what identifies somebody the detectors mark, and how often they cry wolf."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from cri_shared.privacy.detectors import Finding, detect

from tests.bench.report import Row
from tests.security.gold import KINDS, Sentence, gold, parts

WHOLE, TOUCHED, ALARMS = 90.0, 98.0, 0.5


@dataclass
class Score:
    """Counts over sentences. `whole`: every letter and digit of a mark lies in a finding."""

    sentences: int = 0
    marks: int = 0
    whole: int = 0
    touched: int = 0
    alarms: int = 0
    letters: int = 0
    alarmed_letters: int = 0
    missed: list[str] = field(default_factory=list)

    def rows(self, of: str, *, floors: bool = False) -> Iterator[Row]:
        """The four figures of these sentences."""
        count = f"{self.sentences} sentences, {self.marks} marks"
        yield _share(f"{of}: wholly marked", self.whole, self.marks, WHOLE if floors else None)
        yield _share(f"{of}: touched", self.touched, self.marks, TOUCHED if floors else None)
        alarms = round(self.alarms / self.sentences, 3)
        limit = ALARMS if floors else None
        yield Row(f"{of}: false alarms a sentence", alarms, "", limit, note=count)
        yield _share(f"{of}: ordinary letters marked", self.alarmed_letters, self.letters)


def _share(what: str, part: int, whole: int, floor: float | None = None) -> Row:
    note = f"{part} of {whole}"
    return Row(what, round(100 * part / whole, 2), "%", floor, at_least=True, note=note)


def measure() -> list[Row]:
    """All, seen and held back with floors; then by language and by kind."""
    total, languages = score(gold()), sorted({sentence.language for sentence in gold()})
    rows = [
        Row("sentences", total.sentences, ""),
        Row("languages", len(languages), ""),
        Row("marks", total.marks, ""),
        *total.rows("all", floors=True),
    ]
    for name, sentences in parts().items():
        rows += score(sentences).rows(name, floors=True)
    for language in languages:
        rows += score(s for s in gold() if s.language == language).rows(language)
    for kind in KINDS:
        rows += list(score(gold(), kind).rows(kind))[:2]
    return rows


def missed() -> list[str]:
    """What is missed and what is marked in vain, of the sentences that may be looked at."""
    return score(parts()["seen"]).missed


def score(sentences: Iterable[Sentence], kind: str | None = None) -> Score:
    """What the detectors find in sentences, of one kind of mark or of all."""
    total = Score()
    for sentence in sentences:
        findings = detect(sentence.text, sentence.language)
        total.sentences += 1
        _alarms(total, sentence, findings)
        _marks(total, sentence, findings, kind)
    return total


def _letters(text: str, start: int, end: int) -> set[int]:
    return {at for at in range(start, end) if text[at].isalnum()}


def _alarms(total: Score, sentence: Sentence, findings: list[Finding]) -> None:
    marked = {at for mark in sentence.marks for at in range(mark.start, mark.end)}
    total.letters += len(_letters(sentence.text, 0, len(sentence.text)) - marked)
    for finding in findings:
        found = _letters(sentence.text, finding.start, finding.end)
        total.alarmed_letters += len(found - marked)
        if not found & marked:
            total.alarms += 1
            total.missed.append(f"{sentence.language} in vain, {finding.kind}: {finding.text}")


def _marks(total: Score, sentence: Sentence, findings: list[Finding], kind: str | None) -> None:
    seen = {at for finding in findings for at in range(finding.start, finding.end)}
    for mark in sentence.marks:
        if kind not in (None, mark.kind):
            continue
        wanted = _letters(sentence.text, mark.start, mark.end)
        total.marks += 1
        total.whole += wanted <= seen
        total.touched += bool(wanted & seen)
        if not wanted <= seen:
            words = sentence.words(mark)
            total.missed.append(f"{sentence.language} {mark.kind}: {words} | {sentence.text}")
