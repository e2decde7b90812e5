"""The register as a page to read and as a table for a spreadsheet."""

import csv
import io
from collections.abc import Iterable, Iterator
from itertools import groupby

from cri_shared.events.wording import table
from cri_shared.privacy.stores import Store

from cri_stack.register.elsewhere import PLACES
from cri_stack.register.holdings import Field, Holding
from cri_stack.register.words import (
    classes,
    how_long,
    how_long_of,
    matrix,
    not_built,
    shared_tables,
)

_HEAD = ("what", "why", "ground", "how long")
_TITLES = {
    Store.STAFF: "The staff store",
    Store.KEYS: "The key store, one for each service that seals",
    Store.INDEX_SERVER: "cri-index",
}
_INTRO = """\
What CRI keeps, where, why, on which ground, for how long, and what ends it. Made from the code by
`make register`: every line stands beside the table that it tells of, and a number of days is the
one that the program itself goes by. The grounds are what the makers propose; the controller's data
protection officer decides. `register.csv` has the same, a line for each field.

What each service says to the others stands in [the events of CRI](../../shared/EVENTS.md)."""


def page(held: list[Holding]) -> str:
    """The register in Markdown."""
    return "\n".join(_lines(held)) + "\n"


def _lines(held: list[Holding]) -> Iterator[str]:
    yield from ("# Register of processing", "", _INTRO)
    yield from ("", "## Not built yet", "")
    yield "The rules on keeping demand this, and no code does it. Until it does, an operator must."
    yield ""
    yield from not_built(held)
    yield from ("", "## How secret a field is", "", *classes())
    yield from ("", "## What may lie where", "")
    yield "`sealed`: encrypted, or only as a digest that cannot be turned back. A test walks every"
    yield "table and fails where something lies that must not."
    yield from ("", *matrix())
    own = [one for one in held if one.store == one.database]
    for database, tables in groupby(own, key=lambda one: one.database):
        yield from _chapter(_TITLES.get(database, f"The database of {database}"), list(tables))
    yield from _chapter("In the database of every service", shared_tables(held))
    yield from ("", "## Elsewhere", "")
    yield from table(
        ("what", "classes", *_HEAD[1:]),
        ((p.name, p.holds, p.kept.why, p.kept.ground, how_long(p.kept, p.span)) for p in PLACES),
    )


def _chapter(title: str, tables: list[Holding]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    yield from table(
        _HEAD,
        (
            (
                f"`{one.table}`",
                one.kept.why,
                one.kept.ground,
                how_long_of(one),
            )
            for one in tables
        ),
    )
    yield from ("", "<details><summary>Every field</summary>", "")
    yield from table(("table", "class", "how", "fields"), _fields(tables))
    yield from ("", "</details>")


def _fields(tables: Iterable[Holding]) -> Iterator[tuple[str, str, str, str]]:
    for one in tables:
        alike = sorted(one.fields, key=_guarded)
        for (held, guard), fields in groupby(alike, key=_guarded):
            names = ", ".join(f"`{field.name}`" for field in fields)
            yield f"`{one.table}`", held, guard or "open", names


def _guarded(field: Field) -> tuple[str, str]:
    return field.held, field.guard


def spreadsheet(held: list[Holding]) -> str:
    """The register as CSV: a line for each field of each table."""
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\n").writerow
    write(("database", "store", "table", "field", "class", "guard", *_HEAD[1:]))
    for one in held:
        promise = (one.kept.why, one.kept.ground.value, how_long_of(one))
        for field in one.fields:
            write(
                (one.database, one.store, one.table, field.name, field.held, field.guard, *promise)
            )
    return out.getvalue()
