"""A step of the demo, and the course of one question that its steps share."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from cri_stack.demo.content import Question
from cri_stack.demo.people.asker import Asker
from cri_stack.demo.people.organisation import Asked
from cri_stack.demo.world import World


@dataclass(frozen=True)
class Step:
    """Something that somebody does on a day; `do` gives the address where it can be seen.

    Steps of one day happen in the order of `hour`, then in the order in which they are told.
    """

    on: dt.date
    hour: int
    about: str
    who: str
    words: str
    do: Callable[[], str]


@dataclass
class Course:
    """What is known of one question while its steps are played."""

    world: World
    question: Question
    question_id: str = ""
    research_id: str = ""
    asked: Asked | None = None
    asker: Asker | None = None
    entry_id: str = ""
    slug: str = ""
    published_on: dt.date | None = None
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def ref(self) -> str:
        """The short name under which it stands in the report."""
        return self.question.ref.removeprefix("CRI-DEMO-")

    def check(self, claim: str, holds: bool, seen: str = "") -> None:
        """Something that must be so."""
        self.world.report.check(self.ref, claim, holds, seen)

    def reached(self, column: str) -> None:
        """It has come so far, today."""
        self.world.report.reached(self.ref, column, f"{self.world.clock.now():%d %b}")

    def step(
        self, on: dt.date, hour: int, who: str, words: str, do: Callable[["Course"], str]
    ) -> Step:
        """A step of this course; `who` is a person, or somebody of the cast by their id."""
        name = self.world.first_name(who) if who in self.world.staff_ids else who
        return Step(on, hour, self.ref, name, words, partial(do, self))
