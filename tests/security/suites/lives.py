"""Lives of questions and of entries, drawn by Hypothesis: what leaves that nobody let go."""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from tests.bench.report import Row
from tests.security.lives.entry import EntryLife
from tests.security.lives.question import QuestionLife
from tests.security.lives.running import Life, Tally, live
from tests.security.report import none_of

LIVES: dict[str, type[Life]] = {"question": QuestionLife, "entry": EntryLife}
SEEDS = 20
STEPS = 5000


def _lived(name: str, number: int) -> Tally:
    return live(LIVES[name], number, STEPS)


def measure() -> list[Row]:
    """How many steps were taken from each seed, how many texts left, and those nobody let go."""
    rows, wrong = [], []
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as workers:
        for name in LIVES:
            tallies = list(workers.map(_lived, [name] * SEEDS, range(1, SEEDS + 1)))
            wrong += [each for tally in tallies for each in tally.wrong]
            rows += _rows(name, tallies)
    return [*rows, none_of("texts that left and nobody had let go", wrong)]


def _rows(name: str, tallies: Sequence[Tally]) -> list[Row]:
    fewest = min(tally.steps for tally in tallies)
    done = sum(tally.done for tally in tallies)
    return [
        Row(f"{name}: seeds", len(tallies), "", SEEDS, at_least=True),
        Row(f"{name}: steps of a seed, fewest", fewest, "", STEPS, at_least=True),
        Row(f"{name}: steps", sum(t.steps for t in tallies), "", note=f"{done} not refused"),
        Row(f"{name}: texts that left", sum(t.left for t in tallies), "", 1, at_least=True),
    ]


def missed() -> list[str]:
    """What left though nobody had let it go."""
    return [each for name in LIVES for each in live(LIVES[name], 1, STEPS).wrong]
