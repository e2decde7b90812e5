"""What contracts are made of: the shape of each event, its parts, and the classes of its fields."""

from collections.abc import Iterable
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from cri_shared.events.base import REGISTRY, Event, Part
from cri_shared.privacy.classes import FieldClass

CLASS = "x-cri-class"


def published_by(service: str) -> list[type[Event]]:
    """The events that a service publishes, by subject."""
    return [REGISTRY[s] for s in sorted(REGISTRY) if REGISTRY[s].producer == service]


def heard_by(service: str) -> list[type[Event]]:
    """The events of other services that a service hears, by subject."""
    return [REGISTRY[s] for s in sorted(REGISTRY) if service in REGISTRY[s].heard_by]


def shape_of(event: type[Event]) -> type[Event]:
    """The model of an event's body; events of several producers may share one."""
    base = event.__base__
    return base if base and base is not Event and issubclass(base, Event) else event


def parts_of(model: type[BaseModel]) -> list[type[Part]]:
    """The parts that a model holds, at any depth, in the order in which its fields name them."""
    found: dict[type[Part], None] = {}
    for field in model.model_fields.values():
        for part in parts_in(field.annotation):
            found |= dict.fromkeys((part, *parts_of(part)))
    return list(found)


def parts_in(annotation: Any) -> list[type[Part]]:
    """The parts that a field may hold, without theirs."""
    if isinstance(annotation, type) and issubclass(annotation, Part):
        return [annotation]
    return [part for one in get_args(annotation) for part in parts_in(one)]


def class_of(field: FieldInfo) -> FieldClass | None:
    """The class of a field, as written on it last; None where its parts have theirs."""
    classes = [one for one in field.metadata if isinstance(one, FieldClass)]
    return classes[-1] if classes else None


def schemas(models: Iterable[type[BaseModel]], where: str) -> dict[str, dict[str, Any]]:
    """Name -> JSON Schema of the models and of all their parts, each field with its class.

    References lead to `where` plus the name.
    """
    wanted = sorted({*models, *(p for m in models for p in parts_of(m))}, key=lambda m: m.__name__)
    _, found = models_json_schema(
        [(model, "validation") for model in wanted],
        ref_template=f"{where}{{model}}",
        schema_generator=_WithoutTitles,
    )
    definitions: dict[str, dict[str, Any]] = found["$defs"]
    for model in wanted:
        properties = definitions[model.__name__]["properties"]
        for name, field in model.model_fields.items():
            if label := class_of(field):
                properties[field.alias or name][CLASS] = label.name
    return definitions


class _WithoutTitles(GenerateJsonSchema):
    """A field's name in other letters tells nobody anything."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False
