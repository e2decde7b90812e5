"""A field without a class is found wherever it hides."""

from dataclasses import dataclass
from typing import Annotated, NotRequired, TypedDict

import sqlalchemy as sa
from cri_shared.privacy.classes import C0, C1, C3, K
from cri_shared.privacy.fieldwalk import (
    classes_of,
    unlabelled_columns,
    unlabelled_fields,
    unmarked_secrets,
)
from cri_shared.privacy.key_tables import metadata as keystore_metadata
from pydantic import BaseModel, Field, SecretStr


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


@dataclass
class Plain:
    named: Annotated[str, C1]
    inner: tuple[Inner, ...]
    forgotten: str = ""


class Written(TypedDict):
    named: NotRequired[Annotated[str | None, C0]]
    forgotten: str


def test_dataclasses_and_typed_dicts_are_walked_too() -> None:
    assert unlabelled_fields(Plain) == ["inner.forgotten", "forgotten"]
    assert unlabelled_fields(Written) == ["forgotten"]
    assert classes_of(Plain) == {C1, C3}


class Told(BaseModel):
    database_url: Annotated[str, K]
    index_key: SecretStr
    greeting: SecretStr | None = None
    port: int = 0


class ToldElsewhere(Told):
    database_url: str = "sqlite://"


def test_a_setting_that_holds_a_secret_must_say_so_once() -> None:
    assert unmarked_secrets(Told) == ["index_key", "greeting"]
    assert unmarked_secrets(ToldElsewhere) == ["index_key", "greeting"]


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
