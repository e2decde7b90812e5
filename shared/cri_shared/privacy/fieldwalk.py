"""The walk over models and tables that finds fields without a class of secrecy."""

from collections.abc import Iterator
from typing import Any, get_args

import sqlalchemy as sa
from pydantic import BaseModel

from cri_shared.privacy.classes import CLASSES, FieldClass


def unlabelled_fields(model: type[BaseModel]) -> list[str]:
    """Dotted paths of the fields of a model, nested ones too, that carry no class."""
    return [path for path, label in _walk(model, "", ()) if label is None]


def classes_of(model: type[BaseModel]) -> frozenset[FieldClass]:
    """Every class that occurs in a model and in the models it holds."""
    return frozenset(label for _, label in _walk(model, "", ()) if label is not None)


def unlabelled_columns(metadata: sa.MetaData) -> list[str]:
    """The columns, as `table.column`, whose `info` names no class that exists."""
    return [
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.columns
        if column.info.get("class") not in CLASSES
    ]


def _walk(
    model: type[BaseModel], prefix: str, above: tuple[type[BaseModel], ...]
) -> Iterator[tuple[str, FieldClass | None]]:
    for name, field in model.model_fields.items():
        path = f"{prefix}{name}"
        labels = [*_labels(field.metadata), *_labels_within(field.annotation)]
        yield from ((path, label) for label in labels)
        nested = list(_models_within(field.annotation))
        for inner in nested:
            if inner not in (*above, model):
                yield from _walk(inner, f"{path}.", (*above, model))
        if not labels and not (nested and _only_models(field.annotation)):
            yield path, None


def _labels(metadata: Any) -> list[FieldClass]:
    return [item for item in metadata if isinstance(item, FieldClass)]


def _labels_within(annotation: Any) -> Iterator[FieldClass]:
    yield from _labels(getattr(annotation, "__metadata__", ()))
    for argument in get_args(annotation):
        yield from _labels_within(argument)


def _models_within(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_within(argument)


def _only_models(annotation: Any) -> bool:
    """Whether all that a field may hold is models: `str | Model` needs a class of its own."""
    if annotation in (type(None), Ellipsis):
        return True
    arguments = get_args(annotation)
    if arguments:
        return all(_only_models(argument) for argument in arguments)
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
