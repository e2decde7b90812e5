"""What a web page says, without what changes at every visit, as one number."""

import hashlib
import re
from html.parser import HTMLParser

_UNSEEN = frozenset({"script", "style", "noscript", "template", "head", "svg", "nav", "footer"})


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.seen: list[str] = []
        self._within: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _UNSEEN:
            self._within.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._within:
            while self._within.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._within:
            self.seen.append(data)


def words_of(page: str) -> str:
    """The words that a reader sees in an HTML page, without menus and with plain spaces."""
    reading = _Words()
    reading.feed(page)
    reading.close()
    return re.sub(r"\s+", " ", " ".join(reading.seen)).strip()


def snapshot(body: bytes, content_type: str) -> str:
    """SHA-256, in hex, of a page's words; of the file itself where it is no page."""
    if "html" in content_type.lower():
        body = words_of(body.decode("utf-8", "replace")).encode()
    return hashlib.sha256(body).hexdigest()
