"""Texts on a page: the short answer and the rest, excerpts, numbers among foreign letters."""

import html
import re

from cri_shared.index.marks import cut, in_one_line

_LONG_PARAGRAPH = 3  # sentences
_SHORT_ANSWER = 2  # sentences
_LEAST_SENTENCE = 25  # characters: what is shorter is rather an abbreviation

_TAG_OR_ENTITY = re.compile(r"(<[^<>]*>|&#?\w+;)")
_SENTENCE_END = re.compile(r"(?<=\w{3}[.!?؟।።])\s+(?=[^\W\d_a-z])|(?<=[؟።])\s+")
_BLOCK = re.compile(r"^(#{1,6} |[-*+] |\d+[.)] |> )")
# Telephone numbers, prices, dates: two digits or more, with what stands between and before them.
_NUMBER = re.compile(r"(?<![\w+])\+?\d[\d .,()/–-]*\d(?!\w)|\b[\w.+-]{1,64}@[\w-]+\.[\w.]+\b")


def short_and_long(answer: str) -> tuple[str, str]:
    """(short answer, details): the first paragraph, or the first sentences of a long one.

    An answer that begins with a heading or a list has no short form.
    """
    first, _, rest = answer.strip().partition("\n\n")
    if _BLOCK.match(first):
        return "", answer.strip()
    sentences = _SENTENCE_END.split(first.replace("\n", " "))
    if len(sentences) > _LONG_PARAGRAPH:
        short = _opening(sentences)
        remaining = " ".join(sentences)[len(short) :].strip()
        if _whole(short):
            return short, "\n\n".join(part for part in (remaining, rest) if part)
    return first, rest.strip()


def _opening(sentences: list[str]) -> str:
    """The first sentences of a paragraph, two of them or more where they are very short."""
    count = _SHORT_ANSWER
    while count < len(sentences) and len(" ".join(sentences[:count])) < count * _LEAST_SENTENCE:
        count += 1
    return " ".join(sentences[:count])


def _whole(markdown: str) -> bool:
    """Whether no emphasis or link is cut in two."""
    pairs = all(markdown.count(start) == markdown.count(end) for start, end in ("[]", "()"))
    return pairs and not markdown.count("*") % 2 and not markdown.count("_") % 2


def excerpt(text: str) -> str:
    """The beginning of a plain text, as safe HTML."""
    return html.escape(cut(in_one_line(text)))


def isolated(safe: str) -> str:
    """Safe HTML whose numbers and addresses keep their direction among right-to-left letters."""
    return "".join(
        piece if at % 2 else _NUMBER.sub(lambda found: f'<bdi dir="ltr">{found[0]}</bdi>', piece)
        for at, piece in enumerate(_TAG_OR_ENTITY.split(safe))
    )


def isolated_plain(text: str) -> str:
    """The same for plain text, between the signs that isolate what is left-to-right."""
    return _NUMBER.sub(lambda found: f"\u2066{found[0]}\u2069", text)
