"""Waiting on conditions: tests never sleep, they ask again until it is so."""

import asyncio
import inspect
import time
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
PAUSE = 0.02


async def eventually(  # the timeout is a test's own: it fails with words
    condition: Callable[[], Any],
    *,
    timeout: float = 15.0,  # noqa: ASYNC109
    what: str = "condition",
) -> Any:
    """The first true value of a condition; fails with `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {timeout} seconds")
        await asyncio.sleep(PAUSE)


def until(condition: Callable[[], T], *, timeout: float = 15.0, what: str = "condition") -> T:
    """As `eventually`, outside a loop."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"{what} did not come true within {timeout} seconds")
        time.sleep(PAUSE)
    return value
