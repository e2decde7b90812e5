"""How much of what the original held is stopped on its way out, however it is disguised."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from cri_shared.privacy.leakcheck import CaseFacts, facts_from_text, leaks

from tests.bench.report import Row
from tests.security.disguises import DISGUISES
from tests.security.gold import KINDS, Mark, Sentence, gold, parts

CAUGHT, BLOCKED = 97.0, 0.5
LEFT_TO_OFFICERS = frozenset({"place", "age"})  # the question needs them: no facts of the case
CASES = Path(__file__).parents[2] / "shared/data/desk_cases.json"
_GENERAL = "…"


@dataclass
class Count:
    """How many texts were tried, how many of them were stopped, and remarks on the others."""

    tried: int = 0
    stopped: int = 0
    remarks: list[str] = field(default_factory=list)

    def row(self, what: str, limit: float | None = None, *, at_least: bool = True) -> Row:
        """The share that was stopped."""
        share = round(100 * self.stopped / self.tried, 2)
        note = f"{self.stopped} of {self.tried}"
        return Row(what, share, "%", limit, at_least=at_least, note=note)


@dataclass(frozen=True)
class Attempt:
    """Words of a sentence, disguised and pasted behind its rewriting."""

    sentence: Sentence
    mark: Mark
    disguise: str
    written: str
    caught: bool


def measure() -> list[Row]:
    """Disguises together, for the seen and the held back; then one by one, by language, by kind."""
    rows = [
        Row("disguises", len(DISGUISES), ""),
        Row("texts that leave", len(attempts()), ""),
        _caught(attempts()).row("all disguises", CAUGHT),
    ]
    for name, sentences in parts().items():
        of = [attempt for attempt in attempts() if attempt.sentence in sentences]
        rows.append(_caught(of).row(f"all disguises, {name}", CAUGHT))
    for disguise in DISGUISES:
        rows.append(_caught(a for a in attempts() if a.disguise == disguise).row(disguise))
    for language in sorted({sentence.language for sentence in gold()}):
        rows.append(_caught(a for a in attempts() if a.sentence.language == language).row(language))
    for kind in KINDS:
        if kind not in LEFT_TO_OFFICERS:
            rows.append(_caught(a for a in attempts() if a.mark.kind == kind).row(kind))
    rows.append(_others().row("other questions blocked", BLOCKED, at_least=False))
    rows.append(_rewritten().row("honest rewritings blocked", at_least=False))
    return rows


def missed() -> list[str]:
    """What gets through, of the sentences that may be looked at, and what is blocked in vain."""
    seen = parts()["seen"]
    through = _caught(a for a in attempts() if a.sentence in seen).remarks
    return [*through, *_others().remarks, *_rewritten().remarks]


@cache
def attempts() -> tuple[Attempt, ...]:
    """Every mark in every disguise that changes it."""
    return tuple(_attempts())


def _attempts() -> Iterator[Attempt]:
    for sentence in gold():
        facts = _facts(sentence)
        host = sentence.without(_GENERAL)
        for mark in sentence.marks:
            if mark.kind in LEFT_TO_OFFICERS:
                continue
            words = sentence.words(mark)
            for name, disguise in DISGUISES.items():
                if (written := disguise(words, mark.kind, sentence.language)) != words:
                    found = leaks(facts, f"{host} ({written})")
                    caught = any(leak.end > len(host) for leak in found)
                    yield Attempt(sentence, mark, name, written, caught)


def _facts(sentence: Sentence) -> CaseFacts:
    return facts_from_text(sentence.text, sentence.language, {})


def _caught(of: Iterable[Attempt]) -> Count:
    total = Count()
    for attempt in of:
        total.tried += 1
        total.stopped += attempt.caught
        if not attempt.caught:
            words = attempt.sentence.words(attempt.mark)
            at = f"{attempt.sentence.language} {attempt.mark.kind}, {attempt.disguise}"
            total.remarks.append(f"{at}: {words} > {attempt.written}")
    return total


def _try(total: Count, facts: CaseFacts, text: str) -> None:
    found = leaks(facts, text)
    total.tried += 1
    total.stopped += bool(found)
    total.remarks += [f"blocked in vain: {leak.fragment} | {text}" for leak in found]


@cache
def _others() -> Count:
    """Every question that marks nothing, compared with every case in its language."""
    total = Count()
    for sentence in gold():
        if sentence.marks:
            facts = _facts(sentence)
            for other in gold():
                if not other.marks and other.language == sentence.language:
                    _try(total, facts, other.text)
    return total


@cache
def _rewritten() -> Count:
    """Each sentence without its marks, and the demo's research questions, against their own."""
    total = Count()
    for sentence in gold():
        if sentence.marks:
            _try(total, _facts(sentence), sentence.without(_GENERAL))
    for case in json.loads(CASES.read_text("utf-8")):
        facts = facts_from_text(case["question_raw"], case["language"], {})
        _try(total, facts, case["question_research"])
    return total
