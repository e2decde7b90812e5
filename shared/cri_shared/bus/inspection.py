"""Inspection: what a person may see of a message, which is never what anybody wrote."""

from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from cri_shared.bus.consumer import describe
from cri_shared.bus.dead_letters import Letter
from cri_shared.events import REGISTRY
from cri_shared.events.headers import Headers
from cri_shared.privacy.classes import C0, C1

_HEADERS = {field.alias or name for name, field in Headers.model_fields.items()}


@dataclass(frozen=True)
class Inspection:
    """The headers that the contract knows, and the fields of the body that are C0 or C1, as text.

    `fault` says how the body breaks the contract, without its values. Where `is_known` is false,
    this release does not know the event, and shows no field of it.
    """

    headers: dict[str, str]
    fields: dict[str, str]
    is_known: bool = True
    fault: str | None = None


def inspect(letter: Letter) -> Inspection:
    """What may be seen of a letter."""
    headers = {name: value for name, value in sorted(letter.headers.items()) if name in _HEADERS}
    event = REGISTRY.get(letter.headers.get("ce-type", letter.subject))
    if event is None:
        return Inspection(headers, {}, is_known=False)
    try:
        body = event.model_validate_json(letter.body)
    except ValidationError as wrong:
        return Inspection(headers, {}, fault=describe(wrong))
    fields = event.model_fields.items()
    open_to_all = [name for name, field in fields if {C0, C1}.intersection(field.metadata)]
    values = {name: getattr(body, name) for name in open_to_all}
    return Inspection(headers, {n: _text(v) for n, v in values.items() if v is not None})


def _text(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
