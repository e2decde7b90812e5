"""Lives that Hypothesis draws: a state machine of people at real doors, run so many steps."""

import asyncio
import itertools
import re
import tempfile
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from tests.publishing.conftest import filled_in

T = TypeVar("T")
STEPS_EACH = 100
CHANCES = st.randoms(use_true_random=True)  # Hypothesis itself likes to repeat what it drew
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass
class Tally:
    """What was done in some lives, and how many texts left in them."""

    steps: int = 0
    done: int = 0  # steps that were not refused
    left: int = 0
    wrong: list[str] = field(default_factory=list)


class Life(RuleBasedStateMachine):
    """A stage of its own for each example; every step is a coroutine in one loop."""

    tally: ClassVar[Tally] = Tally()

    def __init__(self) -> None:
        super().__init__()
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()
        self._folder = tempfile.TemporaryDirectory()
        self.marks = 0

    @property
    def folder(self) -> Path:
        """Where the stage keeps its files."""
        return Path(self._folder.name)

    def run(self, step: Coroutine[Any, Any, T]) -> T:
        """Do something on the stage."""
        return self._runner.run(step)

    def enter(self, stage: AbstractAsyncContextManager[T]) -> T:
        """Start something that ends with this life."""
        return self.run(self._open.enter_async_context(stage))

    def step(self, step: Coroutine[Any, Any, bool]) -> None:
        """Take one step of somebody; True says that it was not refused."""
        self.tally.steps += 1
        self.tally.done += self.run(step)

    def mark(self) -> str:
        """A word that stands in one text alone."""
        self.marks += 1
        high, low = divmod(self.marks, len(_LETTERS))
        return f"q{_LETTERS[high]}{_LETTERS[low]}qq"

    def teardown(self) -> None:
        self.run(self._open.aclose())
        self._runner.close()
        self._folder.cleanup()


def marks_in(text: str) -> frozenset[str]:
    """The marks of the texts that somebody sees."""
    return frozenset(re.findall(r"\bq[a-z][a-z]qq\b", text))


def fields_of(page: str, path: str) -> dict[str, str] | None:
    """What a form of a page would send as it stands; None where the page has no such form."""
    form = re.search(rf'<form[^>]* action="[^"]*/{path}"[^>]*>.*?</form>', page, re.DOTALL)
    if form is None:
        return None
    fields = filled_in(form[0])
    del fields["csrf"]
    return fields


def live(life: type[Life], number: int, steps: int, *, shrink: bool = False) -> Tally:
    """Live at least so many steps from one seed; what must not be is told in `wrong`."""

    class Seeded(life):  # type: ignore[misc, valid-type]
        tally = Tally()

    tally = Seeded.tally
    told = settings(
        max_examples=steps // STEPS_EACH + 2,  # some end early
        stateful_step_count=STEPS_EACH,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
    )
    for turn in itertools.count(number * 1000):  # a turn ends where it draws nothing new
        try:
            run_state_machine_as_test(seed(turn)(Seeded), settings=told)
        except AssertionError as wrong:
            if shrink:
                raise
            tally.wrong.append(f"seed {turn}: {wrong}")
        if tally.wrong or tally.steps >= steps:
            return tally
    raise AssertionError  # counting does not end
