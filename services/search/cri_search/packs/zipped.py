"""A pack as HTML pages in a zip file: they open from a memory card, with or without a script."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from importlib.resources import files
from typing import Any

from cri_shared.web.i18n import Dictionary

from cri_search.queries.packs import Told

_FILES = ("pack.css", "find.js")


def zipped(words: Dictionary, told: Told, lang: str, *, made_on: dt.date, home: str) -> bytes:
    """The zip file; the same content on the same day gives the same bytes.

    Names are short and plain, for old phones and FAT cards: answers are numbered.
    """

    def page(name: str, **more: Any) -> str:
        html: str = words.template(lang, f"pack/{name}.html").render(
            told=told, made_on=made_on, home=home, **more
        )
        return html

    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        put = _putter(archive, f"cri-{told.country}-{lang}", made_on)
        put("index.html", page("index"))
        for number, whole in enumerate(told.wholes, 1):
            put(f"{number}.html", page("answer", w=whole, number=number))
        for name in _FILES:
            put(name, files("cri_search").joinpath(f"packs/{name}").read_text())
    return content.getvalue()


def _putter(archive: zipfile.ZipFile, folder: str, day: dt.date) -> Callable[[str, str], None]:
    def put(name: str, text: str) -> None:
        one = zipfile.ZipInfo(f"{folder}/{name}", (day.year, day.month, day.day, 0, 0, 0))
        one.compress_type = zipfile.ZIP_DEFLATED
        one.external_attr = 0o644 << 16
        archive.writestr(one, text)

    return put
