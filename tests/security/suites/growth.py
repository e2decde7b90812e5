"""Whether any text of others can hold a service up: expressions read in one way, linear work."""

from pathlib import Path

from tests.bench.report import Row
from tests.security.expressions import ambiguities, patterns, written
from tests.security.growth import (
    LONG,
    NOTHING,
    SHORT,
    UNITS,
    Growth,
    of_pattern,
    of_reader,
    readers,
)

ROOT = Path(__file__).parents[3]
# Where these find nothing, nobody looks for them further on in the text.
MATCHED_ONCE = {"cri_index.filters._TOKEN", "cri_shared.backup.shelf._NAME"}
LINEAR = LONG / SHORT
MOST = 2.5 * LINEAR  # sixteen is the square: between, so that a busy machine is no finding


def measure() -> list[Row]:
    """Expressions by their structure, then everything that reads texts by its work."""
    loose = list(written(ROOT))
    texts = [(one.pattern, one.flags) for one in patterns().values()] + [(t, 0) for _, t in loose]
    wrong = [text for text, flags in texts if ambiguities(text, flags)]
    grown = [growth for growths in _all().values() for growth in growths]
    fast = [one for one in grown if one.long > NOTHING and one.factor > MOST]
    worst = max((one for one in grown if one.long > NOTHING), key=lambda one: one.factor)
    longest = max(grown, key=lambda one: one.long)
    note = f"{worst.reader}, of {worst.unit!r}"
    return [
        Row("expressions of Python's engine", len(texts), ""),
        Row("of them readable in two ways", len(wrong), "", 0),
        Row("texts that nearly are something", len(grown), "", note=f"of {len(UNITS)} units"),
        Row(
            "the work's growth for four times the text, at worst",
            worst.factor,
            "x",
            MOST,
            note=note,
        ),
        Row("longest look at 6,000 characters", longest.long * 1000, "ms", note=longest.reader),
        Row("readers that grow faster than their text", len(fast), "", 0),
    ]


def _all() -> dict[str, list[Growth]]:
    found = {name: list(of_reader(name, reader)) for name, reader in readers().items()}
    searching = {name: one for name, one in patterns().items() if name not in MATCHED_ONCE}
    return found | {name: [of_pattern(name, one)] for name, one in searching.items()}


def missed() -> list[str]:
    """What grows faster than its text."""
    return [
        f"{one.reader} of {one.unit!r}: {one.short:.3f} s, then {one.long:.3f} s"
        for growths in _all().values()
        for one in growths
        if one.long > NOTHING and one.factor > MOST
    ]
