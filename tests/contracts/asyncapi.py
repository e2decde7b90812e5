"""What is wrong with an AsyncAPI 3.0 document: its objects, its schemas and where it points."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
from pydantic import BaseModel, ValidationError
from pydantic_asyncapi.v3 import AsyncAPI

DRAFT_7 = "http://json-schema.org/draft-07/schema#"  # what AsyncAPI's own schemas stand on


def faults(document: dict[str, Any]) -> list[str]:
    """Every fault that is found, as `where: what`; none for a valid document."""
    if document.get("asyncapi") != "3.0.0":
        return ["asyncapi: not a document of version 3.0.0"]
    try:
        read = AsyncAPI.model_validate(document)
    except ValidationError as wrong:
        return [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in wrong.errors()]
    return [
        *_unknown(read, ""),
        *_broken_schemas(document),
        *_unresolved(document),
        *_idle(document),
    ]


def _unknown(read: Any, where: str) -> Iterator[str]:
    """Fields that AsyncAPI does not know and that are no extension."""
    if isinstance(read, BaseModel):
        for name in read.model_extra or ():
            if not name.startswith("x-"):
                yield f"{where}.{name}: unknown"
        inner = {name: getattr(read, name) for name in read.model_fields_set}
    else:
        inner = read if isinstance(read, dict) else dict(enumerate(read))
    for name, value in inner.items():
        if isinstance(value, BaseModel | dict | list):
            yield from _unknown(value, f"{where}.{name}".strip("."))


def _broken_schemas(document: dict[str, Any]) -> Iterator[str]:
    for name, schema in document["components"]["schemas"].items():
        if not jsonschema_rs.meta.is_valid({**schema, "$schema": DRAFT_7}):
            yield f"components.schemas.{name}: no JSON Schema"


def _unresolved(document: dict[str, Any]) -> Iterator[str]:
    """References that lead nowhere, and words beside one: AsyncAPI says that nobody reads those."""
    for where, one in _objects(document, ""):
        if "$ref" in one:
            if resolved(document, one["$ref"]) is None:
                yield f"{where}: {one['$ref']} leads nowhere"
            if len(one) > 1:
                yield f"{where}: {sorted(one)} beside a reference"


def resolved(document: dict[str, Any], reference: str) -> Any:
    """What a reference inside the document leads to, or None."""
    found: Any = document
    for step in reference.removeprefix("#/").split("/"):
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _objects(value: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(value, dict):
        yield where, value
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for name, inner in pairs:
        if isinstance(inner, dict | list):
            yield from _objects(inner, f"{where}.{name}".strip("."))


def _idle(document: dict[str, Any]) -> Iterator[str]:
    """Components that nothing leads to, and channels that no operation uses."""
    used = {one["$ref"] for _, one in _objects(document, "") if "$ref" in one}
    for kind, group in document["components"].items():
        yield from (
            f"components.{kind}.{name}: nobody needs it"
            for name in group
            if f"#/components/{kind}/{name}" not in used
        )
    served = {one["channel"]["$ref"] for one in document["operations"].values()}
    yield from (
        f"channels.{name}: no operation"
        for name in document["channels"]
        if f"#/channels/{name}" not in served
    )
