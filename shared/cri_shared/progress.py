"""How far long work has come: a worker does it in turns, and a page only tells of it."""

import datetime as dt
from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True)
class Progress:
    """`done` of `total` things, of which `failed` brought nothing.

    A worker does `each` of them in a turn, and has a turn every so many `seconds`.
    """

    total: int
    done: int
    each: int
    seconds: float
    failed: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to do."""
        return self.done >= self.total

    @property
    def rest(self) -> dt.timedelta:
        """How long the rest takes where all goes well, in whole minutes, one at least."""
        turns = ceil((self.total - self.done) / self.each)
        return dt.timedelta(minutes=max(1, ceil(turns * self.seconds / 60)))
