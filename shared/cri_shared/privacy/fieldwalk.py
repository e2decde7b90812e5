"""The walk over models and tables that finds fields without a class of secrecy."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin, get_type_hints, is_typeddict

import sqlalchemy as sa
from pydantic import BaseModel, SecretStr

from cri_shared.privacy.classes import CLASSES, FieldClass, K

_SECRET_NAME = re.compile(r"password|secret|token|_key$|(database|keystore|smtp)_url$")


def unlabelled_fields(model: type) -> list[str]:
    """Dotted paths of the fields of a model, nested ones too, that carry no class.

    A model is one of pydantic's, a dataclass or a TypedDict.
    """
    return [path for path, label in _walk(model, "", ()) if label is None]


def classes_of(model: type) -> frozenset[FieldClass]:
    """Every class that occurs in a model and in the models it holds."""
    return frozenset(label for _, label in _walk(model, "", ()) if label is not None)


def is_labelled(model: type) -> bool:
    """Whether any field of its own says how secret it is."""
    return any(labels for labels, _ in _fields(model).values())


def unmarked_secrets(settings: type[BaseModel]) -> list[str]:
    """The settings that hold a secret, by their type or name, and are not of class K.

    A label is inherited by a service that only gives the setting another default.
    """
    return [
        name
        for name, field in settings.model_fields.items()
        if (_SECRET_NAME.search(name) or SecretStr in _leaves(field.annotation))
        and not any(K in _told(base, name) for base in settings.__mro__)
    ]


def unlabelled_columns(metadata: sa.MetaData) -> list[str]:
    """The columns, as `table.column`, whose `info` names no class that exists."""
    return [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.info.get("class") not in CLASSES
    ]


def _walk(
    model: type, prefix: str, above: tuple[type, ...]
) -> Iterator[tuple[str, FieldClass | None]]:
    for name, (labels, annotation) in _fields(model).items():
        path = f"{prefix}{name}"
        yield from ((path, label) for label in labels)
        nested = [leaf for leaf in _leaves(annotation) if _is_model(leaf)]
        for inner in nested:
            if inner not in (*above, model):
                yield from _walk(inner, f"{path}.", (*above, model))
        if not labels and not (nested and _only_models(annotation)):
            yield path, None


def _fields(model: type) -> dict[str, tuple[list[FieldClass], Any]]:
    """Each field's labels, and its annotation."""
    if issubclass(model, BaseModel):
        told = {name: (f.metadata, f.annotation) for name, f in model.model_fields.items()}
    else:
        hints = get_type_hints(model, include_extras=True)
        told = {name: ([], hints[name]) for name in _names(model)}
    return {
        name: ([*_labels(metadata), *_labels_within(annotation)], annotation)
        for name, (metadata, annotation) in told.items()
    }


def _names(model: Any) -> Iterator[str]:
    fields = getattr(model, "__dataclass_fields__", None)
    return iter(model.__annotations__ if fields is None else fields)


def _told(model: type, name: str) -> list[FieldClass]:
    """The labels that a model itself gives a field."""
    if not (issubclass(model, BaseModel) and name in model.model_fields):
        return []
    return _fields(model)[name][0]


def _labels(metadata: Any) -> list[FieldClass]:
    return [item for item in metadata if isinstance(item, FieldClass)]


def _labels_within(annotation: Any) -> Iterator[FieldClass]:
    yield from _labels(getattr(annotation, "__metadata__", ()))
    for argument in get_args(annotation):
        yield from _labels_within(argument)


def _leaves(annotation: Any) -> Iterator[Any]:
    """What stands in an annotation when every `|`, list and label is taken away."""
    arguments = get_args(annotation)
    if not arguments:
        yield annotation
    for argument in arguments[:1] if get_origin(annotation) is Annotated else arguments:
        yield from _leaves(argument)


def _is_model(leaf: Any) -> bool:
    if not isinstance(leaf, type):
        return False
    return (
        issubclass(leaf, BaseModel) or hasattr(leaf, "__dataclass_fields__") or is_typeddict(leaf)
    )


def _only_models(annotation: Any) -> bool:
    """Whether all that a field may hold is models: `str | Model` needs a class of its own."""
    leaves = [leaf for leaf in _leaves(annotation) if leaf not in (type(None), Ellipsis)]
    return all(_is_model(leaf) for leaf in leaves)
