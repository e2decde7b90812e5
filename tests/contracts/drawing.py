"""Samples of what a JSON Schema allows, for as much of it as contracts are written in."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.contracts.released import WORDS

Schema = Mapping[str, Any]
Drawn = st.SearchStrategy[Any]

FEW = 3  # items of a list without an end
SHORT = 20  # characters of a text, but for the longest that is allowed
same_dice = settings(
    max_examples=20,
    deadline=None,
    derandomize=True,  # a contract fails because of a change, not of the day
    database=None,
    phases=[Phase.generate],  # what failed says where; a smaller sample takes minutes to find
    suppress_health_check=list(HealthCheck),
)
IGNORED = WORDS | {"default", "type"}


def drawn_from(schema: Schema) -> Drawn:
    """What the schema allows, its limits too; raises `NotImplementedError` for what it cannot."""
    return _drawn(schema, schema.get("$defs", {}))


def _drawn(schema: Schema, parts: Mapping[str, Schema]) -> Drawn:
    if "$ref" in schema:
        return _drawn(parts[schema["$ref"].removeprefix("#/$defs/")], parts)
    if "anyOf" in schema:
        return st.one_of(*(_drawn(one, parts) for one in schema["anyOf"]))
    if "const" in schema or "enum" in schema:
        return st.sampled_from(schema.get("enum") or [schema["const"]])
    draw, known = KINDS[schema["type"]]
    if unknown := schema.keys() - known - IGNORED:
        raise NotImplementedError(f"cannot draw from {sorted(unknown)}")
    return draw(schema, parts)


def _object(schema: Schema, parts: Mapping[str, Schema]) -> Drawn:
    fields = {name: _drawn(one, parts) for name, one in schema["properties"].items()}
    required = {name: fields.pop(name) for name in schema.get("required", ())}
    return st.fixed_dictionaries(required, optional=fields)


def _array(schema: Schema, parts: Mapping[str, Schema]) -> Drawn:
    least = schema.get("minItems", 0)
    most = min(schema.get("maxItems", least + FEW), least + FEW)
    return st.lists(_drawn(schema["items"], parts), min_size=least, max_size=most)


def _string(schema: Schema, _parts: Mapping[str, Schema]) -> Drawn:
    if "format" in schema:
        return FORMATS[schema["format"]]
    if "pattern" in schema:
        return st.from_regex(re.compile(schema["pattern"], re.ASCII), fullmatch=True)
    least, most = schema.get("minLength", 0), schema.get("maxLength", SHORT)
    short = st.text(min_size=least, max_size=min(most, SHORT))
    return short | st.sampled_from([letter * most for letter in "xé界😀"])


def _integer(schema: Schema, _parts: Mapping[str, Schema]) -> Drawn:
    return st.integers(min_value=schema.get("minimum"), max_value=schema.get("maximum"))


KINDS: dict[str, tuple[Callable[[Schema, Mapping[str, Schema]], Drawn], set[str]]] = {
    "object": (_object, {"properties", "required", "$defs"}),
    "array": (_array, {"items", "minItems", "maxItems"}),
    "string": (_string, {"format", "pattern", "minLength", "maxLength"}),
    "integer": (_integer, {"minimum", "maximum"}),
    "boolean": (lambda _schema, _parts: st.booleans(), set()),
    "null": (lambda _schema, _parts: st.none(), set()),
}

_ZONES = st.sampled_from([dt.timedelta(hours=hours) for hours in (0, 2, -5)]).map(dt.timezone)
FORMATS: dict[str, Drawn] = {
    "date": st.dates().map(dt.date.isoformat),
    "date-time": st.datetimes(timezones=_ZONES).map(
        lambda moment: moment.isoformat().replace("+00:00", "Z")
    ),
}
