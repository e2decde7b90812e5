"""Obstacles: what codes are called, and when those of a quarter may be counted."""

import datetime as dt
import unicodedata
from enum import StrEnum

TURNS = (1, 2)  # two people read each text, neither sees what the other one marked
SETTLED = 0  # what holds in the end
MOST_SPLIT = 6


class State(StrEnum):
    """Whether a code is still used."""

    USED = "used"
    MERGED = "merged"  # into another one, which has its passages now
    SPLIT = "split"  # into narrower ones; its passages are settled anew


class Change(StrEnum):
    """What happened to a code."""

    MADE = "made"
    RENAMED = "renamed"
    DESCRIBED = "described"
    MERGED = "merged"
    TOOK_IN = "took_in"
    SPLIT = "split"


def code_of(title: str) -> str:
    """How a title is called in addresses and events: letters, digits and dashes, 50 at most."""
    plain = unicodedata.normalize("NFKD", title.casefold()).encode("ascii", "ignore").decode()
    words = "".join(letter if letter.isalnum() else " " for letter in plain).split()
    return "-".join(words)[:50].strip("-") or "code"


def quarter_of(day: dt.date) -> dt.date:
    """The first day of its quarter."""
    return dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1)


def next_quarter(quarter: dt.date) -> dt.date:
    """The first day of the quarter after it."""
    return quarter_of(quarter + dt.timedelta(days=95))
