"""Whatever is noted in a trail has words, for auditors do not read codes."""

import ast
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from cri_shared.trail.words import SHARED_WORDS

ROOT = Path(__file__).parents[2]


def noted(package: Path) -> Iterator[str]:
    """The actions that a package notes, written out or under a name of their module."""
    for file in package.rglob("*.py"):
        module = ".".join(file.relative_to(package.parent).with_suffix("").parts)
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(
                    func=ast.Name(id="note") | ast.Attribute(attr="note"),
                    args=[_, ast.Constant(value=str() as action), *_],
                ):
                    yield action
                case ast.Call(
                    func=ast.Name(id="note") | ast.Attribute(attr="note"),
                    args=[_, ast.Name(id=name), *_],
                ) if name.isupper():
                    yield getattr(import_module(module), name)


def test_what_every_service_notes_has_words() -> None:
    assert set(noted(ROOT / "shared" / "cri_shared")) - SHARED_WORDS.keys() == set()


@pytest.mark.parametrize("service", ["intake", "research", "publishing", "training"])
def test_what_one_service_notes_has_words(service: str) -> None:
    words = import_module(f"cri_{service}.policy").AUDIT_WORDS
    actions = set(noted(ROOT / "services" / service / f"cri_{service}"))
    assert len(actions) > 10
    assert actions - words.keys() == set()
