"""Canaries in every restricted field of a platform on which the demo was played: where they lie."""

from tests.bench.report import Row
from tests.security.platform import played, played_elsewhere
from tests.security.report import none_of
from tests.security.sweep.sweeping import Sweep, sweep

# Kinds of places in which the public word must be found: the search sees what lies there.
IN_FILES = frozenset({"file db"})  # of SQLite
WITNESSES = IN_FILES | {
    *("public search", "public training", "console training sofie", "mail", "calendar"),
    *("stream TRAINING", "database training", "database search"),
    *("opened backup training", "opened backup search"),
}


def measure() -> list[Row]:
    """Plant on a platform on which the demo was played, and search all that it holds and shows.

    Then the same on one whose services keep their rows in PostgreSQL.
    """
    told = rows(sweep(played()), WITNESSES)
    with played_elsewhere() as (var, server):
        return told + rows(sweep(var, server), WITNESSES - IN_FILES, "PostgreSQL: ")


def rows(done: Sweep, witnesses: frozenset[str], where: str = "") -> list[Row]:
    """The figures of a sweep."""
    fields = len(done.stage.aviary.fields)
    megabytes = round(done.bytes / 1_000_000)
    kept = len(done.stage.seen)
    places = f"{len(done.pieces)} kinds of places"
    return [
        Row(f"{where}restricted fields", fields, ""),
        Row(f"{where}canaries planted", len(done.planted), ""),
        Row(f"{where}of them kept, and read by whoever may", kept, ""),
        Row(f"{where}pieces searched", done.pieces.total(), "", note=places),
        Row(f"{where}size", megabytes, "MB"),
        none_of(f"{where}canaries found where they must not be", done.found),
        none_of(f"{where}answers that repeat what they refuse", done.echoed),
        none_of(
            f"{where}kinds of places that hide a public word",
            sorted(witnesses - done.witnessed),
        ),
    ]


def missed() -> list[str]:
    """Nothing is held back: `measure` names what it finds."""
    return []
