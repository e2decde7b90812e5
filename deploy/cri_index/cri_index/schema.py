"""How documents lie in the engine: which field holds what, and a document's way into them."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import tantivy as tv
from cri_shared.index import text
from pydantic_core import to_json

from cri_index.reading import Reading, Run, packed, unpacked
from cri_index.settings import Settings, ranking_attribute

Document = dict[str, Any]
# The words of a text and their stems, each a line of them.
Analysed = tuple[str, str]

_FIRST_BOOST, _LAST_BOOST = 3.0, 1.0

# The tokenizer of texts that are kept and not searched, for the engine keeps no others.
KEEPING = "keeping"


class Fields:
    """The engine's fields for one state of the settings.

    A searchable attribute has its words (`s0`, with positions, for phrases) and its stems (`r0`).
    An attribute to filter, count or sort by has its values as text (`f0`) and numbers (`n0`).
    The document itself is kept as JSON in two parts, of which a search seldom needs the second:
    what is a text or a number (`document`), and what is a list or an object (`lists`). `reading`
    and `places` are its searchable texts as marks need them.
    """

    def __init__(self, settings: Settings) -> None:
        self.searchable: list[str] = settings["searchableAttributes"]
        self.filterable: list[str] = settings["filterableAttributes"]
        self.sortable: list[str] = settings["sortableAttributes"]
        weight = ranking_attribute(settings)
        keys = {*self.filterable, *self.sortable, *([weight] if weight else [])}
        self._position = {key: at for at, key in enumerate(sorted(keys))}
        self.weight = self.number(weight) if weight else None
        self.any_number = self.number(min(keys)) if keys else None
        self._weighted_by = weight
        self.words = self._words()
        # Fields of stems of what is not in the language of its document.
        self.names: frozenset[str] = frozenset()
        self.schema = self._schema()

    def _schema(self) -> tv.Schema:
        builder = tv.SchemaBuilder()
        builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
        for kept in ("document", "lists", "reading"):
            # A text: the engine reads bytes one by one.
            builder.add_text_field(kept, stored=True, tokenizer_name=KEEPING, index_option="basic")
        builder.add_bytes_field("places", stored=True)
        for at in range(len(self.searchable)):
            builder.add_text_field(f"s{at}", tokenizer_name="whitespace", index_option="position")
            builder.add_text_field(f"r{at}", tokenizer_name="whitespace", index_option="freq")
        for at in self._position.values():
            builder.add_text_field(f"f{at}", tokenizer_name="raw", index_option="basic", fast=True)
            builder.add_float_field(f"n{at}", indexed=True, fast=True)
        return builder.build()

    def _words(self) -> list[tuple[str, str, float]]:
        """(field of words, field of stems, weight) of every searchable attribute, best first."""
        last = max(1, len(self.searchable) - 1)
        step = (_FIRST_BOOST - _LAST_BOOST) / last
        return [
            (f"s{at}", f"r{at}", _FIRST_BOOST - at * step) for at in range(len(self.searchable))
        ]

    def text(self, attribute: str) -> str:
        """The field with an attribute's values as text."""
        return f"f{self._position[attribute]}"

    def number(self, attribute: str) -> str:
        """The field with an attribute's numbers."""
        return f"n{self._position[attribute]}"

    def indexed(self, identity: str, document: Document) -> tuple[tv.Document, list[Analysed]]:
        """The engine's form of a document, and its texts as they are searched."""
        language = language_of(document)
        out: dict[str, Any] = {"id": identity}
        lists = {name: value for name, value in document.items() if isinstance(value, list | dict)}
        out["document"] = _json({k: v for k, v in document.items() if k not in lists})
        out["lists"] = _json(lists)
        readings = self._readings(document, text.language_of(language))
        kept, out["places"] = packed(readings)
        out["reading"] = _json(kept)
        texts: list[Analysed] = []
        for (words, stems, _), attribute in zip(self.words, self.searchable, strict=True):
            found = self._searched(document, attribute, language, readings.get(attribute))
            out[words] = [each[0] for each in found]
            out[stems] = [each[1] for each in found]
            texts += found
        for attribute, at in self._position.items():
            self._add_values(out, attribute, at, document.get(attribute))
        return tv.Document.from_dict(out, self.schema), texts

    def learn(self, document: Document) -> None:
        """See by a document which attributes are lists: of names, in whatever language."""
        self.names = frozenset(
            stems
            for (_, stems, _), attribute in zip(self.words, self.searchable, strict=True)
            if isinstance(document.get(attribute), list)
        )

    def _searched(
        self, document: Document, attribute: str, language: str, read: Reading | None
    ) -> list[Analysed]:
        """The texts of an attribute; those of a list are names, which come again elsewhere."""
        if read is not None and text.is_plain(document[attribute]):
            return [(read.folded, read.stems)] if read.places else []
        values = document.values() if attribute == "*" else [document.get(attribute)]
        texts: list[Analysed] = []
        for value in values:
            analysed = _analysed_name if isinstance(value, list) else _analysed
            texts += [analysed(str(each), language) for each in _scalars(value)]
        return [each for each in texts if each[0]]

    def _readings(self, document: Document, language: str) -> dict[str, Reading]:
        values = [(name, document.get(name)) for name in self.searchable]
        return {name: Reading.of(each, language) for name, each in values if isinstance(each, str)}

    def _add_values(self, out: dict[str, Any], attribute: str, at: int, value: Any) -> None:
        if type(value) is str:
            out[f"f{at}"] = [value]
            values: list[Any] = []
        elif values := list(_scalars(value)):
            out[f"f{at}"] = [canonical(each) for each in values]
        numbers = [
            float(each)
            for each in values
            if isinstance(each, int | float) and not isinstance(each, bool)
        ]
        if numbers:
            out[f"n{at}"] = numbers
        elif attribute == self._weighted_by:
            out[f"n{at}"] = [0.0]


def _analysed(value: str, language: str) -> Analysed:
    words, stems = text.analyse(value, language)
    return " ".join(words), " ".join(stems)


_analysed_name = lru_cache(4096)(_analysed)


def _json(value: Any) -> str:
    return to_json(value).decode()


def document_of(found: tv.Document) -> Document:
    """The document that the engine keeps."""
    whole: Document = _kept(found, "document") | _kept(found, "lists")
    return whole


def part_of(found: tv.Document, wanted: set[str] | None) -> Document:
    """The document, or a part with all of these attributes that it has."""
    plain: Document = _kept(found, "document")
    return plain if wanted is not None and wanted <= plain.keys() else document_of(found)


def reading_of(found: tv.Document) -> tuple[dict[str, Run], Reading]:
    """The reading of a document's texts from when it came; attribute -> which words are its."""
    return unpacked(_kept(found, "reading"), found.get_first("places") or b"")


def _kept(found: tv.Document, field: str) -> Any:
    return json.loads(found.get_first(field) or "{}")


def language_of(document: Document) -> str:
    """The language of a document: its attribute `language`, else English."""
    language = document.get("language")
    return language if isinstance(language, str) else "en"


def canonical(value: Any) -> str:
    """A facet value as it is counted and compared: 2020.0 is `2020`, true is `true`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, list):
        for each in value:
            yield from _scalars(each)
    elif value is not None and not isinstance(value, dict):
        yield value
