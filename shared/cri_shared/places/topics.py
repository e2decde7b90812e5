"""The topics, two levels, with the days after which an answer must be checked again.

Periods and default sensitivities are proposals of the domain research (section 3) that staff may
change; a code never changes its meaning.
"""

import json
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from importlib.resources import files
from typing import Literal

from cri_shared.errors import NotFound
from cri_shared.words import N_

Sensitivity = Literal["green", "amber", "red"]
_ORDER: tuple[Sensitivity, ...] = ("green", "amber", "red")


@dataclass(frozen=True)
class Topic:
    """One topic or group of topics with its name in each interface language."""

    code: str
    parent: str | None
    names: dict[str, str]
    review_after_days: int | None
    sensitivity: Sensitivity | None


def _load() -> dict[str, Topic]:
    rows = json.loads(files(__package__).joinpath("data/topics.json").read_text("utf-8"))
    return {row["code"]: Topic(**row) for row in rows}


_ALL = _load()
GROUPS = {code: topic for code, topic in _ALL.items() if topic.parent is None}
TOPICS = {code: topic for code, topic in _ALL.items() if topic.parent is not None}

ALL_TOPICS = ""  # the code that stands for all of them together


def topic(code: str) -> Topic:
    """The topic or group of a code; raises `NotFound`."""
    try:
        return _ALL[code]
    except KeyError:
        raise NotFound(N_("There is no such topic.")) from None


def codes_over(codes: Collection[str]) -> list[str]:
    """Where something on these topics is counted: under each, its group, and all together."""
    return sorted({ALL_TOPICS, *codes, *(code.split(".")[0] for code in codes)})


def review_days(codes: Iterable[str]) -> int:
    """Days an answer on these topics stays good: the shortest period among them."""
    return min(topic(code).review_after_days or 365 for code in codes)


def sensitivity_of(codes: Iterable[str]) -> Sensitivity:
    """The highest default sensitivity among these topics."""
    levels = [topic(code).sensitivity or "green" for code in codes]
    return max(levels, key=_ORDER.index, default="green")
