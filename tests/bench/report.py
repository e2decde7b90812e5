"""What the benchmarks found: rows, the table on the terminal and the JSON that stays."""

import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cri_shared import clock


@dataclass(frozen=True)
class Row:
    """One measured figure beside its budget, and beside what the bare part does in the same run.

    `measured` is None where a part is missing; `note` then says which. `exactly`: neither more nor
    less than the limit will do.
    """

    what: str
    measured: float | None
    unit: str
    limit: float | None = None
    at_least: bool = False
    exactly: bool = False
    raw: float | None = None
    raw_what: str = ""
    cpu_ms: float | None = None
    note: str = ""

    @property
    def over(self) -> bool:
        """Whether the budget is missed."""
        if self.measured is None or self.limit is None:
            return False
        if self.exactly:
            return self.measured != self.limit
        return self.measured < self.limit if self.at_least else self.measured > self.limit

    @property
    def cells(self) -> tuple[str, ...]:
        """The row as the table shows it."""
        sign = "=" if self.exactly else ">=" if self.at_least else "<="
        ratio = self.measured / self.raw if self.measured is not None and self.raw else None
        return (
            self.what,
            "-" if self.measured is None else f"{_short(self.measured)} {self.unit}",
            "" if self.limit is None else f"{sign} {_short(self.limit)}",
            "" if self.raw is None else f"{_short(self.raw)} {self.raw_what}".strip(),
            "" if ratio is None else f"x{_short(ratio)}",
            "" if self.cpu_ms is None else _short(self.cpu_ms),
            "OVER" if self.over else "",
        )


HEAD = ("what", "measured", "budget", "bare part, same run", "ratio", "CPU ms each", "")


def table(groups: dict[str, Sequence[Row]]) -> str:
    """All rows, aligned, each group with its notes below it."""
    rows = [row.cells for group in groups.values() for row in group]
    widths = [max(len(row[n]) for row in [HEAD, *rows]) for n in range(len(HEAD))]
    lines = [_line(HEAD, widths), _line(tuple("-" * width for width in widths), widths)]
    for name, group in groups.items():
        lines.append(f"[{name}]")
        for row in group:
            lines.append(_line(row.cells, widths))
            if row.note:
                lines.append(f"    {row.note}")
    return "\n".join(lines)


def keep(directory: Path, groups: dict[str, Sequence[Row]], circumstances: dict[str, Any]) -> Path:
    """Write the figures as JSON, by time and as `latest.json`; gives the path of the first."""
    directory.mkdir(parents=True, exist_ok=True)
    found = {
        "at": clock.now().isoformat(timespec="seconds"),
        "circumstances": circumstances,
        "rows": [
            {"group": name, **asdict(row), "over": row.over}
            for name, group in groups.items()
            for row in group
        ],
    }
    text = json.dumps(found, indent=1, ensure_ascii=False)
    path = directory / f"{clock.now():%Y%m%dT%H%M%S}.json"
    path.write_text(text)
    (directory / "latest.json").write_text(text)
    return path


def noise() -> dict[str, Any]:
    """What else the machine does, and how fast it is: figures of a busy one are no figures.

    `python_ms` is what a loop over texts and dictionaries takes here, the best of several: it tells
    machines apart, one machine's good hours from its bad ones, and interpreters.
    """
    one, five, _ = os.getloadavg()
    return {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "python_ms": round(min(_loop_ms() for _ in range(7)), 1),
        "load_1min": round(one, 2),
        "load_5min": round(five, 2),
    }


def _loop_ms() -> float:
    began = time.process_time()
    lengths: dict[str, int] = {}
    for number in range(200_000):
        text = str(number)
        lengths[text] = len(text.replace("1", "x")) + lengths.get(text[1:], 0)
    return (time.process_time() - began) * 1000


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _short(number: float) -> str:
    if number == int(number) or abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.1f}" if abs(number) >= 10 else f"{number:.2f}"
