"""How documents lie in the engine: which field holds what, and a document's way into them."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import tantivy as tv
from cri_shared.index.text import analyse

from cri_index.settings import Settings, ranking_attribute

Document = dict[str, Any]

# Longer words are no words; they would only swell the list that near spellings are sought in.
LONGEST_WORD = 40
_LONGEST_NAME = 80
_FIRST_BOOST, _LAST_BOOST = 3.0, 1.0


class Fields:
    """The engine's fields for one state of the settings.

    A searchable attribute has its words (`s0`, with positions, for phrases) and its stems (`r0`).
    An attribute to filter, count or sort by has its values as text (`f0`) and numbers (`n0`).
    `vocabulary` holds every word once a document; `document` is the document itself, as JSON.
    """

    def __init__(self, settings: Settings) -> None:
        self.searchable: list[str] = settings["searchableAttributes"]
        self.filterable: list[str] = settings["filterableAttributes"]
        self.sortable: list[str] = settings["sortableAttributes"]
        weight = ranking_attribute(settings)
        keys = {*self.filterable, *self.sortable, *([weight] if weight else [])}
        self._position = {key: at for at, key in enumerate(sorted(keys))}
        self.weight = self.number(weight) if weight else None
        self._weighted_by = weight
        self.schema = self._schema()

    def _schema(self) -> tv.Schema:
        builder = tv.SchemaBuilder()
        builder.add_text_field("id", tokenizer_name="raw", index_option="basic")
        builder.add_bytes_field("document", stored=True)
        for at in range(len(self.searchable)):
            builder.add_text_field(f"s{at}", tokenizer_name="whitespace", index_option="position")
            builder.add_text_field(f"r{at}", tokenizer_name="whitespace", index_option="freq")
        builder.add_text_field("vocabulary", tokenizer_name="whitespace", index_option="basic")
        for at in self._position.values():
            builder.add_text_field(f"f{at}", tokenizer_name="raw", index_option="basic", fast=True)
            builder.add_float_field(f"n{at}", indexed=True, fast=True)
        return builder.build()

    def words(self) -> list[tuple[str, str, float]]:
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

    def indexed(self, identity: str, document: Document) -> tuple[tv.Document, set[str], set[str]]:
        """The engine's form of a document, its words and their stems."""
        language = language_of(document)
        out: dict[str, Any] = {
            "id": identity,
            "document": json.dumps(document, ensure_ascii=False).encode(),
        }
        vocabulary: set[str] = set()
        known_stems: set[str] = set()
        for at, attribute in enumerate(self.searchable):
            words, stems = _analysed(self._searched_texts(document, attribute), language)
            if words:
                out[f"s{at}"] = " ".join(words)
                out[f"r{at}"] = " ".join(stems)
                vocabulary.update(word for word in words if len(word) <= LONGEST_WORD)
                known_stems.update(stem for stem in stems if len(stem) <= LONGEST_WORD)
        out["vocabulary"] = " ".join(vocabulary)
        for attribute in self._position:
            self._add_values(out, attribute, document.get(attribute))
        return tv.Document.from_dict(out, self.schema), vocabulary, known_stems

    def _searched_texts(self, document: Document, attribute: str) -> list[str]:
        values = document.values() if attribute == "*" else [document.get(attribute)]
        return [str(each) for value in values for each in _scalars(value)]

    def _add_values(self, out: dict[str, Any], attribute: str, value: Any) -> None:
        values = list(_scalars(value))
        numbers = [
            float(each)
            for each in values
            if isinstance(each, int | float) and not isinstance(each, bool)
        ]
        if values:
            out[self.text(attribute)] = [canonical(each) for each in values]
        if numbers:
            out[self.number(attribute)] = numbers
        elif attribute == self._weighted_by:
            out[self.number(attribute)] = [0.0]


def _analysed(texts: list[str], language: str) -> tuple[list[str], list[str]]:
    """The words of several texts and their stems; names come again in many documents."""
    pairs = [
        (_analysed_name if len(text) <= _LONGEST_NAME else analyse)(text, language)
        for text in texts
    ]
    words, stems = ([each for pair in pairs for each in pair[at]] for at in (0, 1))
    return words, stems


@lru_cache(16_384)
def _analysed_name(text: str, language: str) -> tuple[list[str], list[str]]:
    return analyse(text, language)


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
