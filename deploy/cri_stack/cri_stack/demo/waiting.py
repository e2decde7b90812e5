"""Waiting for what must become true, and the trouble when it does not."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
SECONDS = 30.0
PAUSE = 0.15


class Trouble(Exception):
    """Something in the demo did not go as it must; says who, where and what."""


def wait_for(what: str, condition: Callable[[], T | None], seconds: float = SECONDS) -> T:
    """The first true value of a condition; raises `Trouble` with `what` when it takes too long."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise Trouble(f"{what}: not so after {seconds:.0f} s")
        time.sleep(PAUSE)
    return value
