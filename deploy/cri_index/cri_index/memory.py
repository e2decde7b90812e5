"""The process's memory: what a rebuild or a burst of writes needed is given back to the system."""

import ctypes
import sys

# glibc keeps an arena per thread; two are enough here, and fewer hold less freed memory.
_M_ARENA_MAX = -8
_ARENAS = 2


def behave() -> None:
    """Limit the allocator's arenas; call once, before threads start. Nothing without glibc."""
    libc = _glibc()
    if libc is not None:
        libc.mallopt(_M_ARENA_MAX, _ARENAS)


def give_back() -> None:
    """Return freed pages to the operating system. Nothing without glibc."""
    libc = _glibc()
    if libc is not None:
        libc.malloc_trim(0)


def _glibc() -> ctypes.CDLL | None:
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None)
    return libc if hasattr(libc, "mallopt") and hasattr(libc, "malloc_trim") else None
