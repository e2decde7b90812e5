"""Expressions that are read in linear time, whatever the text."""

from functools import cache

import re2

_MEMORY = 64 << 20  # with less, re2 falls back to its slow machine on texts of many scripts


@cache
def expression(pattern: str) -> re2._Regexp:
    """The compiled pattern."""
    options = re2.Options()
    options.max_mem = _MEMORY
    return re2.compile(pattern, options)
