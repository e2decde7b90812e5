"""What the demo tells: a line for each step as it happens, a table of all questions at the end."""

import datetime as dt
import time
from dataclasses import dataclass, field

from rich.console import Console
from rich.markup import escape
from rich.table import Table

WIDE = 150
COLUMNS = ("asked", "dispatched", "answered", "delivered", "published")


@dataclass
class Row:
    """What became of one question."""

    title: str
    reached: dict[str, str] = field(default_factory=dict)
    checks: int = 0
    failed: list[str] = field(default_factory=list)


class Report:
    """Prints steps as they happen and remembers every check."""

    def __init__(self) -> None:
        self.console = Console(highlight=False, soft_wrap=True)
        if not self.console.is_terminal:
            self.console = Console(highlight=False, soft_wrap=True, width=WIDE)
        self.rows: dict[str, Row] = {}
        self._began = time.monotonic()
        self._day: dt.date | None = None

    def row(self, about: str, title: str = "") -> Row:
        """The row of a question, or of the workshop."""
        return self.rows.setdefault(about, Row(title))

    def step(self, day: dt.date, about: str, who: str, words: str, url: str = "") -> None:
        """One line: when, about what, who did what, and where it can be seen."""
        if day != self._day:
            self.console.print(f"\n[bold]{day.day} {day:%B %Y}[/]")
            self._day = day
        self.console.print(f"  {about:<12} [cyan]{who}[/] {words}  [dim]{url}[/]")

    def reached(self, about: str, column: str, value: str) -> None:
        """A question has come so far."""
        self.row(about).reached[column] = value

    def check(self, about: str, claim: str, holds: bool, seen: str = "") -> None:
        """Something that must be so; a failure is kept, and ends the demo with status 1."""
        row = self.row(about)
        row.checks += 1
        if not holds:
            row.failed.append(claim)
            self.console.print(
                f"  {about:<12} [bold red]NOT SO:[/] {claim} [dim]{escape(seen[:500])}[/]"
            )

    @property
    def good(self) -> bool:
        """Whether every check held."""
        return all(not row.failed for row in self.rows.values())

    def table(self) -> None:
        """The summary."""
        table = Table("question", *COLUMNS, "checks", title="What became of every question")
        for about, row in self.rows.items():
            verdict = f"[green]{row.checks} ok[/]" if not row.failed else "; ".join(row.failed)
            reached = (row.reached.get(column, "") for column in COLUMNS)
            table.add_row(f"{about} {row.title}".strip(), *reached, verdict)
        self.console.print(table)
        checks = sum(row.checks for row in self.rows.values())
        failed = sum(len(row.failed) for row in self.rows.values())
        seconds = time.monotonic() - self._began
        self.console.print(f"{checks} checks, {failed} failed, {seconds:.0f} seconds.")
