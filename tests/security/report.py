"""Figures beside their floors, for people."""

from collections.abc import Sequence

from tests.bench.report import Row

HEAD = ("figure", "measured", "floor", "", "")


def none_of(what: str, found: Sequence[object], unit: str = "") -> Row:
    """A row of what there must be none of, with the first of those that there are."""
    return Row(what, len(found), unit, 0, note="; ".join(map(str, found[:3])))


def cells(row: Row) -> tuple[str, ...]:
    """A row as the table shows it; the note says of how many."""
    figure, measured, floor, *_ = row.cells
    return figure, measured, floor, row.note, "BELOW" if row.over else ""


def table(groups: dict[str, Sequence[Row]]) -> str:
    """All rows, aligned, under the names of their suites."""
    shown = {name: [cells(row) for row in rows] for name, rows in groups.items()}
    every = [HEAD, *(line for lines in shown.values() for line in lines)]
    widths = [max(len(line[n]) for line in every) for n in range(len(HEAD))]
    text = [_line(HEAD, widths)]
    for name, lines in shown.items():
        text += [f"[{name}]", *(_line(line, widths) for line in lines)]
    return "\n".join(text)


def _line(line: tuple[str, ...], widths: list[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
    return "  ".join(padded).rstrip()
