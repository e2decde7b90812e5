"""Growth: how much more work four times the text is, for everything that reads texts of others.

Work is the process's own CPU time: what else the machine does is not in it.
"""

import gc
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from cri_search.rules.texts import excerpt, short_and_long
from cri_shared.index.text import spans
from cri_shared.privacy.detectors import cues, detect
from cri_shared.privacy.gate import personal
from cri_shared.privacy.leakcheck import facts_from_text, leaks
from cri_shared.web.markdown import to_html, to_plain

SHORT, LONG = 1_500, 6_000  # characters; most forms take 6,000, some 20,000
TRIES = 2
NOTHING = 0.004  # seconds of work that say nothing of growth
Reader = Callable[[str], object]
# Of each, texts are made that nearly are something, and in the end are not.
UNITS = (
    *("a", "A", "1", " ", "-", ".", "\n", "é", "д", "ა", "中"),
    *("a ", "1 ", "A ", "a.", "a@", "a@b.", "a-", "1.", "1-", "1/", "+1", " a1", "Ab ", "Ab-"),
    *(
        "http://a.",
        "www.",
        "&a",
        "&#",
        "<a ",
        "</",
        "<!--",
        "(",
        "[",
        "[a](",
        "![",
        "*",
        "_",
        "**a",
    ),
    *("`", "# ", "> ", "- ", "1. ", "|a", "~", "\\", '"', "'", "’", "{", "${", "%(", "00", "a\n\n"),
)
TAILS = ("", "!", "\x00", "@", "1")


@dataclass(frozen=True)
class Growth:
    """How a reader grew with a text made of a unit: seconds for the short one and the long one."""

    reader: str
    unit: str
    short: float
    long: float

    @property
    def factor(self) -> float:
        """Four where work grows as the text does, sixteen where it grows as its square."""
        return self.long / max(self.short, NOTHING / 4)


def readers() -> Mapping[str, Reader]:
    """Everything that reads what others wrote."""
    facts = facts_from_text("Ik ben Karen Examplyan, dossier 1234567, +32 470 11 22 33.", "nl", {})
    told: dict[str, Reader] = {f"detectors, {tag}": _detector(tag) for tag in ("en", "nl", "ar")}
    return told | {
        "cues": cues,
        "the gate": lambda text: personal(text, "en"),
        "leak check": lambda text: leaks(facts, text),
        "facts of a case": lambda text: facts_from_text(text, "nl", {}),
        "Markdown": to_html,
        "Markdown as plain text": to_plain,
        "words of the index": spans,
        "openings of entries": short_and_long,
        "excerpts of entries": lambda text: excerpt(to_plain(text)),
    }


def _detector(language: str) -> Reader:
    return lambda text: detect(text, language)


def of_reader(name: str, reader: Reader) -> Iterator[Growth]:
    """How one reader grows with every unit."""
    for unit in UNITS:
        yield measured(name, unit, reader, "")


def of_pattern(name: str, pattern: re.Pattern[Any]) -> Growth:
    """How an expression grows at worst."""
    text = isinstance(pattern.pattern, str)

    def reader(words: str) -> object:
        return pattern.findall(words if text else words.encode())

    found = [measured(name, unit, reader, tail) for unit in UNITS for tail in TAILS[:2]]
    return max(found, key=lambda growth: growth.long)


def measured(name: str, unit: str, reader: Reader, tail: str) -> Growth:
    """The work for a short and for a long text, each the least of its tries."""
    short, long = (unit * (size // len(unit)) + tail for size in (SHORT, LONG))
    return Growth(name, unit, _work(reader, short), _work(reader, long))


def _work(reader: Reader, text: str) -> float:
    tries = []
    gc.disable()  # it tidies up after others, at a moment of its own
    try:
        while len(tries) < TRIES and (not tries or tries[-1] >= NOTHING):
            begun = time.process_time()
            reader(text)
            tries.append(time.process_time() - begun)
    finally:
        gc.enable()
    return min(tries)
