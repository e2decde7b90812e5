"""A new model or table cannot escape the walk, wherever in a package it is declared."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cri_shared.privacy.fieldwalk import unlabelled_fields
from cri_shared.privacy.finding import metadata_of, models_of
from cri_shared.privacy.stores import Store, misplaced

PACKAGE = "cri_planted"
FILES = {
    "__init__.py": "",
    "api/__init__.py": "",
    "api/bodies.py": """
from typing import Annotated
from pydantic import BaseModel
from cri_shared.privacy.classes import C1
from cri_shared.web.forms import FormModel

class Form(FormModel):
    named: Annotated[str, C1]

    class Inside(BaseModel):
        forgotten: str
""",
    "rules.py": """
from dataclasses import dataclass
from typing import Annotated
from cri_shared.privacy.classes import C2

@dataclass
class Said:
    text: Annotated[str, C2]
    forgotten: str

@dataclass
class Counted:
    number: int
""",
    "models/__init__.py": "",
    "models/deep.py": """
import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from cri_shared.privacy.classes import C3

class Base(DeclarativeBase):
    pass

class Person(Base):
    __tablename__ = "people"
    name: Mapped[str] = mapped_column(primary_key=True, info=C3.info)

apart = sa.Table("apart", sa.MetaData(), sa.Column("id", sa.Integer))
""",
}


@pytest.fixture
def planted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name, text in FILES.items():
        file = tmp_path / PACKAGE / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    yield PACKAGE
    for name in [name for name in sys.modules if name.startswith(PACKAGE)]:
        del sys.modules[name]


def test_models_are_found_in_folders_in_classes_and_among_dataclasses(planted: str) -> None:
    found = {model.__qualname__: unlabelled_fields(model) for model in models_of(planted)}
    assert found == {"Form": [], "Form.Inside": ["forgotten"], "Said": ["forgotten"]}


def test_tables_are_found_whatever_metadata_they_belong_to(planted: str) -> None:
    wrong = [words for held in metadata_of(planted) for words in misplaced(Store.RESEARCH, held)]
    assert sorted(wrong) == [
        "apart.id has no class",
        "people.name is C3, which may not lie in research",
    ]
