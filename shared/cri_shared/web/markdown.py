"""The Markdown that answers are written in: a safe subset, as HTML or as plain text."""

from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

# No HTML, no images, no tables: what a phone, a printer and an index all show alike.
_RULES = ("heading", "list", "emphasis", "link", "autolink", "newline", "escape", "blockquote")
_parser = MarkdownIt("zero", {"html": False, "linkify": False}).enable(list(_RULES))


def to_html(text: str) -> Markup:
    """Safe HTML: everything that is not of the subset is shown as it was typed.

    Headings start at h3 because a page has its own h1 and h2; links carry rel="nofollow".
    """
    tokens = _parser.parse(text)
    for token in tokens:
        _tame(token)
    return Markup(_parser.renderer.render(tokens, _parser.options, {}))


def to_plain(text: str) -> str:
    """The words alone, for indexes, excerpts and mails: blocks become lines."""
    lines = [_words(token.children or ()) for token in _parser.parse(text) if token.children]
    return "\n".join(lines)


def _tame(token: Token) -> None:
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
    for child in token.children or ():
        if child.type == "link_open":
            child.attrSet("rel", "nofollow noopener")


def _words(children: Sequence[Token]) -> str:
    return "".join(
        " " if c.type in ("softbreak", "hardbreak") else c.content
        for c in children
        if c.type in ("text", "softbreak", "hardbreak", "code_inline")
    )
