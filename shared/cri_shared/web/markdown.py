"""The Markdown that answers are written in: a safe subset, as HTML or as plain text."""

from collections.abc import Sequence

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

# No HTML, no images, no tables: what a phone, a printer and an index all show alike.
_RULES = ("heading", "list", "emphasis", "link", "autolink", "newline", "escape", "blockquote")
_parser = MarkdownIt("zero", {"html": False, "linkify": False}).enable(list(_RULES))
# Whatever the parser may let through one day, this and nothing else reaches a page.
_cleaner = nh3.Cleaner(
    tags={"h3", "h4", "h5", "h6", "p", "br", "ul", "ol", "li", "em", "strong", "blockquote", "a"},
    attributes={"*": set(), "a": {"href"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto", "tel"},
    url_relative="deny",
    link_rel="nofollow noopener",
)


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
    lines = [_words(token.children or ()) for token in _parser.parse(text) if token.children]
    return "\n".join(lines)


def _lower(token: Token) -> None:
    if token.type in ("heading_open", "heading_close"):
        token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"


def _words(children: Sequence[Token]) -> str:
    return "".join(
        " " if c.type in ("softbreak", "hardbreak") else c.content
        for c in children
        if c.type in ("text", "softbreak", "hardbreak", "code_inline")
    )
