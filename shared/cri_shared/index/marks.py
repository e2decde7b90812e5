"""Texts in which the engine marked what matched: cut between words, then as safe HTML."""

import html
import re
from collections.abc import Callable, Sequence

# Private-use characters around matches: the text is escaped first, then they become <mark>.
MARK, END_OF_MARK = "\ue000", "\ue001"

LONGEST = 240  # characters of what a list shows of an answer

_MARKS = re.compile(f"[{MARK}{END_OF_MARK}]")
_BETWEEN = "\ue002"


def unmarked(text: str) -> str:
    """The text without what would be taken for our marks."""
    return text.replace(MARK, "").replace(END_OF_MARK, "")


def in_one_line(text: str) -> str:
    """The text with one blank between its words."""
    return " ".join(text.split())


def cut(line: str, most: int = LONGEST) -> str:
    """A line, of at most so many characters beside its marks, cut between words."""
    if len(line) <= most:
        return line
    end = most
    for mark in _MARKS.finditer(line):
        if mark.start() > end:
            break
        end += 1
    if end >= len(line):
        return line
    kept = line[:end].rsplit(" ", 1)[0].rstrip()
    return f"{kept}…{END_OF_MARK}" if kept.count(MARK) > kept.count(END_OF_MARK) else f"{kept}…"


def marked(texts: Sequence[str]) -> list[str]:
    """Safe HTML of texts with our marks: escaped, matches in `<mark>`."""
    return together(_marked, texts)


def plain(texts: Sequence[str]) -> list[str]:
    """The texts of such HTML."""
    return together(_plain, texts)


def together(change: Callable[[str], str], texts: Sequence[str]) -> list[str]:
    """Each text changed, all in one call: the two texts of twenty hits are many small ones.

    `change` looks at no more than the characters that it replaces.
    """
    changed = change(_BETWEEN.join(texts)).split(_BETWEEN)
    return changed if len(changed) == len(texts) else [change(text) for text in texts]


def _marked(text: str) -> str:
    return html.escape(text).replace(MARK, "<mark>").replace(END_OF_MARK, "</mark>")


def _plain(marked_text: str) -> str:
    return html.unescape(marked_text.replace("<mark>", "").replace("</mark>", ""))
