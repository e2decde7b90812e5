"""Reports as files: the lines of a table, a workbook without formulas, and a paper."""

import io
from collections.abc import Iterator, Sequence

from cri_shared.web.i18n import Words
from cri_shared.words import N_

from cri_training.queries.reports import Report
from cri_training.rules.feedback import RATED
from cri_training.rules.reports import HEAD, MEASURES, PERIODS

Cell = str | int | float | None
BY = {
    "all": N_("All"),
    "year": N_("Year"),
    "quarter": N_("Quarter"),
    "role": N_("Work"),
    "edition": N_("Edition"),
    "organisation": N_("Organisation"),
}


def lines(report: Report, words: Words) -> list[list[Cell]]:
    """A head, then a line for each cut; what is too few to be shown is left empty."""
    say = words.gettext
    head: list[Cell] = [
        say(N_("Counted by")),
        say(N_("Which")),
        say(N_("Day")),
        say(N_("Workshops counted")),
        say(N_("Workshops over")),
        *(say(HEAD[one]) for one in MEASURES),
        say(N_("Hours attended")),
    ]
    head += [say(N_("Answers")), *(f"{name} {mark}" for name in RATED for mark in range(1, 6))]
    head += [say(N_("Surer")), say(N_("As sure as before")), say(N_("Less sure"))]
    return [head, *(list(_line(report, cut, words)) for by in BY for cut in report.of(by))]


def _line(report: Report, cut: tuple[str, str], words: Words) -> Iterator[Cell]:
    by, which = cut
    yield words.gettext(BY[by])
    yield report.names.get(which, which)
    yield report.days[which].isoformat() if which in report.days else None
    told = report.numbers[cut]
    yield from told.editions if by in PERIODS else (None, None)
    yield from told.people.values()
    yield None if told.minutes is None else round(told.minutes / 60, 1)
    counts = report.feedback.get(cut)
    yield counts.answers if counts else None
    for name in RATED:
        scale = counts.marks[name] if counts else None
        yield from scale.marks if scale else [None] * 5
    change = counts.change if counts else None
    yield from (change.surer, change.same, change.less) if change else (None, None, None)


def workbook(table: Sequence[Sequence[Cell]]) -> bytes:
    """The table as an XLSX file: numbers are numbers, and every text is a text."""
    import xlsxwriter  # read at the first use: no idle process holds it

    file = io.BytesIO()
    never = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(file, {"in_memory": True, **never}) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        sheet.freeze_panes(1, 2)
        for y, cells in enumerate(table):
            for x, cell in enumerate(cells):
                if isinstance(cell, str):
                    sheet.write_string(y, x, cell, bold if y == 0 else None)
                elif cell is not None:
                    sheet.write_number(y, x, cell)
    return file.getvalue()
