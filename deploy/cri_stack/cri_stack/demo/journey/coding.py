"""What people wrote after the workshop: two coders read it, each alone; only counts come out."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cri_stack.demo.journey.step import Step
from cri_stack.demo.journey.workshop import ABOUT
from cri_stack.demo.people.coder import Coder
from cri_stack.demo.world import World


@dataclass
class Coding:
    """What is known while the texts are read."""

    world: World
    names: dict[str, str] = field(default_factory=dict)  # of the cast's codes, in the code book

    @property
    def cast(self) -> list[dict[str, Any]]:
        """The codes of the cast."""
        told: list[dict[str, Any]] = self.world.content.cast["workshop"]["codes"]
        return told

    def coder(self, who: str) -> Coder:
        """One of the two."""
        coder = self.world.staff[who]
        assert isinstance(coder, Coder)
        return coder

    def sought(self, who: str) -> dict[str, str]:
        """The words by which somebody knows each code; not everybody sees the same."""
        return {
            self.names[code["title"]]: code["words"]
            for code in self.cast
            if who not in code.get("missed_by", ())
        }


def steps(world: World) -> Iterator[Step]:
    """On the day on which the form was closed."""
    on = dt.date.fromisoformat(world.content.cast["workshop"]["asked_on"])
    coding = Coding(world)
    first, second = (world.first_name(who) for who in ("coder", "second_coder"))

    def read_first() -> str:
        keep_book(coding)
        return read(coding, "coder")

    words = "makes a code book of obstacles, and reads what people wrote"
    yield Step(on, 12, ABOUT, first, words, read_first)
    words = "reads the same texts, and sees nothing of what the other one marked"
    yield Step(on, 13, ABOUT, second, words, lambda: read(coding, "second_coder"))
    words = "settles where they differ; five people who said the same are counted, one is not"
    yield Step(on, 14, ABOUT, first, words, lambda: settle(coding))


def keep_book(c: Coding) -> None:
    """A code for each thing that makes it hard to talk about return."""
    for code in c.cast:
        c.names[code["title"]] = c.coder("coder").keep_code(code)


def read(c: Coding, who: str) -> str:
    """Every text, sentence by sentence, and alone."""
    coder = c.coder(who)
    texts = coder.texts()
    answers = len(c.world.content.cast["workshop"]["obstacles"])
    c.world.report.check(ABOUT, "every text is there to read", len(texts) == answers)
    for text in texts:
        coder.read(text, c.sought(who))
    coder.at("/console/texts")
    return coder.url


def settle(c: Coding) -> str:
    """The counts of what was settled, in which one person alone is never seen."""
    coder = c.coder("coder")
    differed = [text for text in coder.texts() if coder.settle(text)]
    check = c.world.report.check
    check(ABOUT, "they differ where one overlooked something", len(differed) == 1, str(differed))
    agreed = coder.at("/console/texts/agreement").text
    check(ABOUT, "how far the two agree is said", bool(re.search(r"\b0\.\d\d\b", agreed)), agreed)
    told = coder.at("/console/obstacles").text
    for code in c.cast:
        number = rf"{re.escape(code['title'])} {code['shown']}"
        check(
            ABOUT, f"“{code['title']}” is shown as it may be", bool(re.search(number, told)), told
        )
    return coder.url
