"""Keeps the catalogues complete: `python -m cri_shared.web.messages [--check] PACKAGE...`.

Without --check it adds new sentences to each package's .po files and drops those no longer used.
With --check it changes nothing, prints every sentence without a translation or with a `%` that no
page can fill in, and exits with 1.

A package with a `locale/public.txt` has pages for askers, readers or partners, which speak the
languages that it names beside those of the interface. Its `locale/staff.txt` lists, by path or
`folder/*`, where words stand that only staff and programs read; templates that extend
`console.html` need no line there.
"""

import datetime as dt
import re
import sys
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import PoFileError, read_po, write_po

from cri_shared.places.languages import INTERFACE_LANGUAGES, LOCALES, spoken_by

METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}
OPTIONS = {"**/templates/**.html": {"extensions": "jinja2.ext.do", "silent": "false"}}
SOURCE = "en"
# Babel 2.18's own order of the Arabic forms is not gettext's, which catalogues are written in.
_PLURALS = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 :"
    " n%100>=11 ? 4 : 5);"
}
_STAFF_PAGE = '{% extends "console.html" %}'
_FILLED = re.compile(r"%\((\w+)\)s|%%")
# The day in the header is always the same: else two changes of the words always collide.
_DAY = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


@lru_cache
def extracted(package: str) -> Catalog:
    """Every sentence that a package's code and templates show."""
    catalog = Catalog(charset="utf-8", fuzzy=False)
    root = str(files(package))
    found = extract_from_dir(root, METHODS, OPTIONS, KEYWORDS)
    for path, _line, message, comments, context in found:
        catalog.add(message, locations=[(path, 0)], auto_comments=comments, context=context)
    return catalog


def wanted(package: str, language: str) -> Iterator[Message]:
    """The sentences of a package that are to be translated into a language."""
    for message in extracted(package):
        read_by_askers = any(not _is_for_staff(package, path) for path, _ in message.locations)
        if message.id and (language in INTERFACE_LANGUAGES or read_by_askers):
            yield message


@lru_cache
def _staff_only(package: str) -> tuple[str, ...] | None:
    """Where words stand that only staff read; None where no page is for anybody else."""
    listed = files(package).joinpath("locale/staff.txt")
    return tuple(listed.read_text("utf-8").split()) if listed.is_file() else None


@lru_cache(None)
def _is_for_staff(package: str, path: str) -> bool:
    if any(fnmatch(path, pattern) for pattern in _staff_only(package) or ()):
        return True
    return _STAFF_PAGE in files(package).joinpath(path).read_text("utf-8")


def po_path(package: str, language: str) -> Path:
    """Where a package keeps its words in a language."""
    return Path(str(files(package))) / "locale" / language / "LC_MESSAGES" / "messages.po"


def _read(path: Path, language: str) -> Catalog:
    if not path.exists():
        return _empty(language)
    with path.open("rb") as po:
        return read_po(po, locale=LOCALES[language], abort_invalid=True)


def _empty(language: str) -> Catalog:
    catalog = Catalog(locale=LOCALES[language], charset="utf-8", fuzzy=False, creation_date=_DAY)
    if language in _PLURALS:
        catalog.mime_headers = [("Plural-Forms", _PLURALS[language])]
    return catalog


def update(package: str, language: str) -> None:
    """Bring a package's .po file in line with what its pages say."""
    path = po_path(package, language)
    old = _read(path, language)
    new = _empty(language)
    for message in wanted(package, language):
        known = old.get(message.id)
        new.add(message.id, known.string if known else None, locations=message.locations)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as po:
        write_po(po, new, width=100, sort_output=True, omit_header=False, include_lineno=False)


def missing(package: str, language: str) -> list[str]:
    """The sentences of a package that nobody has translated into a language."""
    known, shared = _read(po_path(package, language), language), None
    if package != "cri_shared":
        shared = _read(po_path("cri_shared", language), language)
    return [
        str(message.id)
        for message in wanted(package, language)
        if not _has(known, message.id) and not (shared and _has(shared, message.id))
    ]


def misfilled(package: str, language: str) -> list[str]:
    """The sentences of a package that cannot be filled in, as a language says them.

    A page fills in whatever it says: each `%` names a value, or is written `%%`, and a translation
    names the values of its sentence (where there are several forms, one may leave out a number).
    """
    if language == SOURCE:
        return [text for m in wanted(package, SOURCE) for text in _forms(m.id) if _loose(text)]
    known = _read(po_path(package, language), language)
    return [
        text
        for message in wanted(package, language)
        if (found := known.get(message.id))
        for text in _forms(found.string)
        if text and not _fits(text, _forms(message.id))
    ]


def _forms(text: str | Sequence[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _loose(text: str) -> bool:
    """Whether a `%` names nothing: it would fill in at random, or end in an error."""
    return "%" in _FILLED.sub("", text)


def _fits(text: str, source: tuple[str, ...]) -> bool:
    names, values = (set(filter(None, _FILLED.findall(t))) for t in (text, "".join(source)))
    return not _loose(text) and (names <= values if len(source) > 1 else names == values)


def _has(catalog: Catalog, message_id: str | list[str] | tuple[str, ...]) -> bool:
    found = catalog.get(message_id)
    strings = found.string if found else ""
    return all(strings) if isinstance(strings, tuple | list) and strings else bool(strings)


def main(arguments: list[str]) -> int:
    """Update or check the named packages; 2 where a catalogue cannot be read."""
    checking = "--check" in arguments
    failed = False
    for package in (a for a in arguments if not a.startswith("-")):
        for language in spoken_by(package):
            try:
                if not checking and language != SOURCE:
                    update(package, language)
                told = [] if language == SOURCE else missing(package, language)
                told += [f"{text} (% names no value)" for text in misfilled(package, language)]
            except PoFileError as broken:
                sys.stderr.write(f"{po_path(package, language)}: {broken}\n")
                return 2
            for sentence in told:
                failed = True
                sys.stdout.write(f"{package} {language}: {sentence}\n")
    return 1 if failed and checking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
