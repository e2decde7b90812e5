"""Argon2id, one at a time for all of a process, in a thread of its own.

Each takes 19 MiB, and glibc keeps such a block for the thread that had it. Done in any thread that
was free, each of them came to hold one: 19 MiB for each of up to four threads more than there are
processors. To give the block back each time takes half as much processor time again.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar, TypeVarTuple

T = TypeVar("T")
Given = TypeVarTuple("Given")
_thread = ThreadPoolExecutor(1, thread_name_prefix="argon2id")


async def in_turn(work: Callable[[*Given], T], *given: *Given) -> T:
    """What such a piece of work gives, once those that came before it are done."""
    return await asyncio.get_running_loop().run_in_executor(_thread, work, *given)
