"""The impact assessment: a template filled from the register, and the tests that it leans on."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Template

from cri_shared.events.wording import table
from cri_shared.privacy.keeping import Ground

from cri_stack.register.holdings import Holding
from cri_stack.register.words import classes, how_long_of, matrix, not_built, shared_tables

_TEST = re.compile(r"`(tests/[\w/]+\.py)((?:::\w+)+)`")
_SECRET = frozenset({"C2", "C3", "C4"})


def assessment(held: list[Holding], template: str) -> str:
    """The template with what the register knows; raises `KeyError` for a name that it lacks."""
    return Template(template).substitute(
        classes="\n".join(classes()),
        matrix="\n".join(matrix()),
        secret="\n".join(_secret(held)),
        grounds="\n".join(_grounds(held)),
        not_built="\n".join(not_built(held)),
    )


def unshown(root: Path, text: str) -> list[str]:
    """The tests that a text names and that `root` does not have."""
    return [
        f"{file}{path}"
        for file, path in _TEST.findall(text)
        if path.removeprefix("::") not in _tests_in(root / file)
    ]


def _tests_in(file: Path) -> set[str]:
    if not file.exists():
        return set()
    tree = ast.parse(file.read_text())
    return {"::".join(path) for path in _paths(tree.body, ())}


def _paths(body: list[ast.stmt], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for part in body:
        if isinstance(part, ast.ClassDef):
            yield from _paths(part.body, (*above, part.name))
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (*above, part.name)


def _secret(held: list[Holding]) -> list[str]:
    """The lines of a table with everything that somebody wrote or that tells who somebody is."""
    own = [(one.database.value, one) for one in held if one.store == one.database]
    told = [*own, *(("every service", one) for one in shared_tables(held))]
    return table(
        ("database", "table", "why", "how long"),
        (
            (where, f"`{one.table}`", one.kept.why, how_long_of(one))
            for where, one in told
            if any(_SECRET & set(field.held.split(" or ")) for field in one.fields)
        ),
    )


def _grounds(held: list[Holding]) -> list[str]:
    """The lines of a table with what each proposed ground is proposed for."""
    used = {
        ground: sorted({one.database.value for one in held if one.kept.ground is ground})
        for ground in Ground
        if ground is not Ground.NOBODY
    }
    return table(
        ("ground", "proposed for data in"),
        ((ground, ", ".join(databases)) for ground, databases in used.items()),
    )
