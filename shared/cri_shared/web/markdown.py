"""The Markdown that answers are written in: a safe subset, as HTML, blocks or plain text."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

# No HTML, no images, no tables: what a phone, a printer and an index all show alike.
_RULES = ("heading", "list", "emphasis", "link", "autolink", "newline", "escape", "blockquote")
_parser = MarkdownIt("zero", {"html": False, "linkify": False}).enable(list(_RULES))
# What may be more than a letter, or begin a line that is no paragraph; blanks that are rare.
_MORE = re.compile(
    r"[\\*_\[\]<\0\x0b-\r\x1c-\x1f\x85\u2028\u2029]|^[ \t]*(?:[#>+-]|[0-9]+[.)])", re.MULTILINE
)
_BREAK = re.compile(r"(?<! ) *\n[ \t]*")  # each run of blanks is begun once
_NEW_BLOCK = re.compile(r"\n[ \t]*\n")
# Whatever the parser may let through one day, this and nothing else reaches a page.
_SCHEMES = {"http", "https", "mailto", "tel"}
_cleaner = nh3.Cleaner(
    tags={"h3", "h4", "h5", "h6", "p", "br", "ul", "ol", "li", "em", "strong", "blockquote", "a"},
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes=_SCHEMES,
    url_relative="deny",
    link_rel="nofollow noopener",
)


@dataclass(frozen=True)
class Run:
    """Some words of one look; `url` is a whole address of a scheme that we follow, or None."""

    text: str
    strong: bool = False
    em: bool = False
    url: str | None = None


@dataclass(frozen=True)
class Block:
    """A paragraph: `kind` is `p`, `h` (a heading), `li` (an item) or `quote`.

    `depth` counts the lists around an item from 1; `number` is that of an item of a numbered list.
    """

    kind: str
    runs: tuple[Run, ...]
    depth: int = 0
    number: int | None = None


def to_blocks(text: str) -> list[Block]:
    """The text as data, for what is neither HTML nor plain: nothing in it is code of anything."""
    blocks: list[Block] = []
    lists: list[int | None] = []
    kind, fresh = "p", False
    for token in _parser.parse(text):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            start = token.attrGet("start")
            lists.append(None if token.type[0] == "b" else int(start if start is not None else 1))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            fresh = True
        elif token.type in ("heading_open", "blockquote_open", "paragraph_open"):
            kind = _KINDS.get(token.type, "quote" if token.level and not lists else "p")
        elif token.type == "inline":
            number = lists[-1] if lists and fresh else None
            runs = tuple(_runs(token.children or ()))
            blocks.append(Block("li" if fresh else kind, runs, len(lists), number))
            if number is not None:
                lists[-1] = number + 1
            fresh = False
    return blocks


_KINDS = {"heading_open": "h", "blockquote_open": "quote"}


def _runs(children: Sequence[Token]) -> Iterator[Run]:
    strong = em = 0
    url: str | None = None
    for token in children:
        strong += token.nesting if token.tag == "strong" else 0
        em += token.nesting if token.tag == "em" else 0
        if token.type == "link_open":
            url = _followed(str(token.attrGet("href") or ""))
        elif token.type == "link_close":
            url = None
        elif words := _words((token,)):
            yield Run(words, bool(strong), bool(em), url)


def _followed(address: str) -> str | None:
    scheme, _, rest = address.partition(":")
    return address if scheme.lower() in _SCHEMES and rest else None


def to_html(text: str) -> Markup:
    """Safe HTML: everything that is not of the subset is shown as it was typed.

    Headings start at h3 because a page has its own h1 and h2; links carry rel="nofollow", and lead
    to whole addresses only: one without a scheme or a host leads nowhere.
    """
    tokens = _parser.parse(text)
    for token in tokens:
        _lower(token)
    return Markup(_cleaner.clean(_parser.renderer.render(tokens, _parser.options, {})))


def to_plain(text: str) -> str:
    """The words alone, for indexes, excerpts and mails: blocks become lines."""
    if not _MORE.search(text):
        return _paragraphs(text)
    lines = [_words(token.children or ()) for token in _parser.parse(text) if token.children]
    return "\n".join(lines)


def _paragraphs(text: str) -> str:
    """The words of a text of paragraphs alone, as the parser finds them, in a tenth of its time."""
    blocks = (block.strip() for block in _NEW_BLOCK.split(text))
    return "\n".join(_BREAK.sub(" ", block) for block in blocks if block)


def _lower(token: Token) -> None:
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"


def _words(children: Sequence[Token]) -> str:
    return "".join(
        " " if c.type in ("softbreak", "hardbreak") else c.content
        for c in children
        if c.type in ("text", "softbreak", "hardbreak", "code_inline")
    )
