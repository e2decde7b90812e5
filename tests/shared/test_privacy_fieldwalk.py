"""A field without a class is found wherever it hides."""

from typing import Annotated

import sqlalchemy as sa
from cri_shared.privacy.classes import C0, C1, C3
from cri_shared.privacy.fieldwalk import classes_of, unlabelled_columns, unlabelled_fields
from cri_shared.privacy.keystore import metadata as keystore_metadata
from pydantic import BaseModel, Field


class Inner(BaseModel):
    named: Annotated[str, C3]
    forgotten: str


class Outer(BaseModel):
    plain: Annotated[str, C0]
    maybe: Annotated[str | None, C1] = Field(default=None, max_length=3)
    one: Inner
    some: tuple[Inner, ...] = ()
    either: Inner | None = None
    mixed: str | Inner = ""


class Labelled(BaseModel):
    inside: list[Annotated[str, C0]]
    optional: Annotated[int, C1] | None = None


def test_a_forgotten_field_is_found_at_every_depth() -> None:
    assert unlabelled_fields(Outer) == [
        "one.forgotten",
        "some.forgotten",
        "either.forgotten",
        "mixed.forgotten",
        "mixed",
    ]


def test_labels_of_items_and_alternatives_count() -> None:
    assert unlabelled_fields(Labelled) == []
    assert classes_of(Labelled) == {C0, C1}


def test_the_classes_of_nested_models_count() -> None:
    assert classes_of(Outer) == {C0, C1, C3}


def test_a_column_without_a_known_class_is_found() -> None:
    metadata = sa.MetaData()
    sa.Table(
        "cases",
        metadata,
        sa.Column("a", sa.String, info=C3.info),
        sa.Column("b", sa.String),
        sa.Column("c", sa.String, info={"class": "C9"}),
    )
    assert unlabelled_columns(metadata) == ["cases.b", "cases.c"]
    assert unlabelled_columns(keystore_metadata) == []
