"""The API reference that people read: what an OpenAPI document says, in rows and examples."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cri_shared.web.openapi import PROBLEM, operations_in

Schema = dict[str, Any]
DEEPEST = 5
LIMITS = ("minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "pattern")
SAMPLES = {"date": "2026-11-25", "date-time": "2026-11-25T10:00:00+00:00"}
BY_TYPE: dict[str, Any] = {"string": "...", "integer": 1, "number": 1.0, "boolean": True}


@dataclass(frozen=True)
class Row:
    """One field or parameter; `place` is where a parameter stands (path, query, header)."""

    name: str
    type: str
    required: bool
    about: str
    limits: str = ""
    place: str = ""


@dataclass(frozen=True)
class Answer:
    """What comes back where all is well; `example` is JSON, empty where there is no body."""

    status: str
    rows: list[Row]
    example: str


@dataclass(frozen=True)
class Operation:
    """One thing that a program can ask for; `problems` are (status, code, sentence)."""

    method: str
    path: str
    anchor: str
    about: str
    needs_key: bool
    parameters: list[Row]
    body: list[Row]
    answers: list[Answer]
    problems: list[tuple[str, str, str]]
    curl: str


def operations(document: Schema, url: str) -> list[Operation]:
    """Every operation of a document, for a service that answers at `url`."""
    shapes = _Shapes(document)
    return [
        _operation(shapes, path, method, told, url)
        for path, method, told in operations_in(document)
    ]


def problem_rows(document: Schema) -> list[Row]:
    """What every error says."""
    return list(_Shapes(document).rows(document["components"]["schemas"]["Problem"]))


def _operation(
    shapes: "_Shapes", path: str, method: str, told: dict[str, Any], url: str
) -> Operation:
    body = _json_of(told.get("requestBody", {}))
    parameters = told.get("parameters", [])
    needs_key = bool(told.get("security"))
    return Operation(
        method=method,
        path=path,
        anchor=told["operationId"],
        about=told.get("description", ""),
        needs_key=needs_key,
        parameters=[_parameter(shapes, one) for one in parameters],
        body=list(shapes.rows(body)),
        answers=[
            Answer(status, list(shapes.rows(_json_of(one))), _pretty(shapes, _json_of(one)))
            for status, one in told["responses"].items()
            if status.startswith("2")
        ],
        problems=sorted(_problems(told["responses"])),
        curl=_curl(shapes, method, url + path, parameters, body, needs_key=needs_key),
    )


def _json_of(holder: dict[str, Any]) -> Schema:
    schema: Schema = holder.get("content", {}).get("application/json", {}).get("schema", {})
    return schema


def _pretty(shapes: "_Shapes", schema: Schema) -> str:
    return _json(shapes.example(schema, whole=True)) if schema else ""


def _json(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def _problems(responses: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    for status, one in responses.items():
        for slug, example in one.get("content", {}).get(PROBLEM, {}).get("examples", {}).items():
            yield status, slug, example["value"]["detail"]


def _parameter(shapes: "_Shapes", one: dict[str, Any]) -> Row:
    schema = shapes.plain(one["schema"])
    about = one.get("description") or schema.get("description", "")
    required = one.get("required", False)
    return Row(one["name"], shapes.type_of(schema), required, about, _limits(schema), one["in"])


def _curl(
    shapes: "_Shapes",
    method: str,
    url: str,
    parameters: list[dict[str, Any]],
    body: Schema,
    *,
    needs_key: bool,
) -> str:
    """A command that does it, once the key and what is in braces are filled in."""
    lines = [f"curl {url}" if method in ("GET", "POST") else f"curl -X {method} {url}"]
    if needs_key:
        lines.append("-H 'Authorization: Bearer cri_...'")
    for one in parameters:
        if one["in"] == "header" and one.get("required"):
            header = f"{one['name']}: {one.get('example', '...')}"
            lines.append(f"-H {shlex.quote(header)}")
    if body:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d {shlex.quote(_json(shapes.example(body, whole=False)))}")
    return " \\\n  ".join(lines)


def _limits(schema: Schema) -> str:
    told = [f"{name} {schema[name]}" for name in LIMITS if name in schema]
    if schema.get("default") not in (None, [], ""):
        told.append(f"default {json.dumps(schema['default'])}")
    return ", ".join(told)


class _Shapes:
    """The schemas of one document, with what they refer to."""

    def __init__(self, document: Schema) -> None:
        self._known: dict[str, Schema] = document.get("components", {}).get("schemas", {})

    def plain(self, schema: Schema) -> Schema:
        """A schema without reference, and without null where that is one of two; says so."""
        if "$ref" in schema:
            known = self._known[schema["$ref"].rsplit("/", 1)[1]]
            return self.plain(known | {k: v for k, v in schema.items() if k != "$ref"})
        some = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
        if len(some) == 1:
            rest = {k: v for k, v in schema.items() if k != "anyOf"}
            return self.plain(some[0]) | rest | {"nullable": True}
        return schema

    def type_of(self, schema: Schema) -> str:
        """The type in a word or two."""
        if "enum" in schema:
            told = " | ".join(map(str, schema["enum"]))
        elif schema.get("type") == "array":
            told = f"array of {self.type_of(self.plain(schema.get('items', {})))}"
        else:
            told = str(schema.get("format") or schema.get("type", "any"))
        return f"{told} or null" if schema.get("nullable") else told

    def rows(self, schema: Schema, prefix: str = "", depth: int = 0) -> Iterator[Row]:
        """A row for each field, those within it right after it."""
        schema = self.plain(schema)
        if schema.get("type") == "array":
            yield from self.rows(schema["items"], f"{prefix}[].", depth)
        if depth == DEEPEST:
            return
        for name, field in schema.get("properties", {}).items():
            known = self.plain(field)
            required = name in schema.get("required", ())
            about = field.get("description") or known.get("description", "")
            yield Row(prefix + name, self.type_of(known), required, about, _limits(known))
            if known.get("type") == "array":
                yield from self.rows(known.get("items", {}), f"{prefix}{name}[].", depth + 1)
            else:
                yield from self.rows(known, f"{prefix}{name}.", depth + 1)

    def example(self, schema: Schema, *, whole: bool, within: frozenset[str] = frozenset()) -> Any:
        """What such a value may look like; `whole` shows what may be left out too.

        A shape that holds itself (`within`) is shown once.
        """
        within |= _names(schema)
        schema = self.plain(schema)
        for told in ("examples", "enum"):
            if schema.get(told):
                return schema[told][0]
        if "properties" in schema:
            required = schema.get("required", ())
            return {
                name: self.example(field, whole=whole, within=within)
                for name, field in schema["properties"].items()
                if not _names(field) & within
                and (whole or name in required or self._has_example(field))
            }
        if schema.get("type") == "array":
            items = self.plain(schema["items"])
            one = self.example(schema["items"], whole=whole, within=within)
            return items.get("examples") or [one]
        if schema.get("nullable"):
            return None
        if schema.get("type") == "object":
            return {}
        return SAMPLES.get(schema.get("format", ""), BY_TYPE.get(schema.get("type", "")))

    def _has_example(self, field: Schema) -> bool:
        plain = self.plain(field)
        inner = plain.get("properties", {}).values()
        return "examples" in plain or any("examples" in self.plain(one) for one in inner)


def _names(schema: Schema) -> frozenset[str]:
    """The shapes that a schema refers to by name."""
    some = (schema, *schema.get("anyOf", ()))
    return frozenset(one["$ref"] for one in some if "$ref" in one)
