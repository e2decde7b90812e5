"""JSON Schema in words, as Markdown: what a field holds, whether it must, and what it means."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from cri_shared.events.shapes import CLASS

Schema = Mapping[str, Any]

_HEAD = ("field", "type", "needed", "class", "meaning")
_PLAIN = {"boolean": "yes or no", "null": "none"}
_FORMATS = {"date": "date", "date-time": "moment with its offset from UTC"}


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    """The lines of a table; whatever stands in a cell stays in it."""
    names = list(head)
    return [
        _row(names),
        "|" + "---|" * len(names),
        *(_row(cell.replace("|", r"\|") for cell in cells) for cells in rows),
    ]


def fields_table(schema: Schema, parts: Mapping[str, Schema]) -> list[str]:
    """The lines of a table with every field of a model; `parts` are told where a field holds one.

    A field without a class has those of its part, and without a description means what it does.
    """
    required = schema.get("required", ())
    return table(
        _HEAD,
        (
            (
                f"`{name}`",
                type_in_words(field),
                _needed(field, name in required),
                field.get(CLASS, "as its parts"),
                field.get("description") or parts[_part_of(field)]["description"],
            )
            for name, field in schema["properties"].items()
        ),
    )


def type_in_words(schema: Schema) -> str:
    """`list of 1 to 3 texts like ...`: what a field may hold; parts are links to their heading."""
    if "$ref" in schema:
        name = _part_of(schema)
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(type_in_words(one) for one in schema["anyOf"])
    if "enum" in schema or "const" in schema:
        return ", ".join(f"`{one}`" for one in schema.get("enum") or [schema["const"]])
    kind = schema["type"]
    if kind in _PLAIN:
        return _PLAIN[kind]
    return {"array": _list, "string": _text, "integer": _number}[kind](schema)


def _list(schema: Schema) -> str:
    amount = _amount(schema, "minItems", "maxItems")
    return f"list of {amount + ': ' if amount else ''}{type_in_words(schema['items'])}"


def _text(schema: Schema) -> str:
    if "format" in schema:
        return _FORMATS[schema["format"]]
    if "pattern" in schema:
        return f"text like `{schema.get('examples', [schema['pattern']])[0]}`"
    amount = _amount(schema, "minLength", "maxLength")
    return f"text, {amount} characters" if amount else "text"


def _number(schema: Schema) -> str:
    amount = _amount(schema, "minimum", "maximum")
    return f"whole number, {amount}" if amount else "whole number"


def _amount(schema: Schema, least: str, most: str) -> str:
    if most in schema:
        return f"{schema.get(least, 0)} to {schema[most]}"
    return f"{schema[least]} or more" if least in schema else ""


def _needed(field: Schema, required: bool) -> str:
    if required:
        return "yes"
    default = field.get("default")
    return "no" if default in (None, []) else f"no, else `{json.dumps(default)}`"


def _part_of(field: Schema) -> str:
    return str(field.get("items", field)["$ref"]).rpartition("/")[2]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
