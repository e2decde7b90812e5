"""Leaving out: what a library takes along only because it happens to be installed."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def without(name: str) -> Iterator[None]:
    """Within, who imports this optional library finds none; one that is loaded already stays."""
    modules: dict[str, Any] = sys.modules
    loaded = name in modules
    if not loaded:
        modules[name] = None  # as the import system has it: there is no such module
    try:
        yield
    finally:
        if not loaded:
            del modules[name]
