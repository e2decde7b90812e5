"""The report as a paper: its words as data, and the PDF."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cri_shared import clock, printing
from cri_shared.web.i18n import Dictionary, Words
from cri_shared.words import N_

from cri_training.queries.papers import FAMILIES, FONT_PACKAGES, decimal_hours, way
from cri_training.queries.reports import Report
from cri_training.rules.feedback import Change, Counts, Scale
from cri_training.rules.lots import Cut
from cri_training.rules.reports import ALL, HEAD, LAST, MEASURES, PERIODS

TEMPLATE = Path(__file__).parent.parent / "templates" / "report.typ"
ONLY_SUMS = N_(
    "A number is shown only where it tells of nobody or of five people or more: alone, beside "
    "every other number here, and beside those of an older report."
)
COUNTED = N_(
    "The people of a workshop are counted when its attendance is complete: a trainer says so, or "
    "some weeks pass. What is corrected later changes no report. Where a few people did something, "
    "such as stay away, their workshop waits and is counted together with others."
)
TOGETHER = N_(
    "Answers of editions with fewer than five come into the totals together, as soon as there are "
    "five of them; until then they wait, so that nobody finds them by comparing this page with an "
    "older one."
)
LAST_ONES = N_(
    "Of the workshops that are over, the last %(most)s stand here; all are in the table (CSV)."
)
LEGENDS = {
    "all": N_("All workshops"),
    "year": N_("By year"),
    "quarter": N_("By quarter"),
    "role": N_("By work"),
    "edition": N_("By edition"),
    "organisation": N_("By organisation"),
}


class Named:
    """Words that the pages have for the parts of a report, in one language."""

    def __init__(self, report: Report, words: Words, dictionary: Dictionary) -> None:
        def page(name: str) -> Any:
            return dictionary.template(words.language, name).module

        self._names, self._days, self.words = report.names, report.days, words
        self._roles: dict[str, str] = page("_training.html").role_names
        self._quarter: Callable[[dt.date], str] = page("_obstacles.html").quarter
        self.questions: dict[str, tuple[str, str, str]] = page("_likert.html").questions

    def cut(self, cut: Cut) -> str:
        """What a line is about."""
        by, which = cut
        if by == "quarter":
            return str(self._quarter(dt.date.fromisoformat(which)))
        if by == "role":
            return str(self._roles[which])
        if cut == ALL:
            return self.words.gettext(LEGENDS[by])
        name, day = self._names.get(which, which), self._days.get(which)
        return f"{name}, {self.words.long_date(day)}" if day else name

    def of_all(self, editions: tuple[int, int]) -> str:
        """How many are counted of how many that are over."""
        return self.words.gettext("%(some)s of %(all)s") % dict(
            zip(("some", "all"), editions, strict=True)
        )

    def answers(self, number: int) -> str:
        """How many answered."""
        ngettext = self.words.translations.ngettext
        return ngettext("%(count)s answer", "%(count)s answers", number) % {"count": number}


async def report_pdf(report: Report, chosen: Cut, words: Words, dictionary: Dictionary) -> bytes:
    """The PDF, tagged (PDF/UA-1), with what those of one cut thought."""
    data = paper(report, chosen, words, dictionary)
    fonts = printing.font_directories(*FONT_PACKAGES)
    return await printing.printed(TEMPLATE, data, fonts, made_on=clock.today())


def paper(report: Report, chosen: Cut, words: Words, dictionary: Dictionary) -> dict[str, Any]:
    """What the paper says."""
    say, named = words.gettext, Named(report, words, dictionary)
    return {
        "lang": words.language,
        "fonts": FAMILIES,
        "site": say(N_("Country of Return Information")),
        "title": say(N_("Workshops in numbers")),
        "made": say(N_("Made on %(day)s"), day=words.long_date(clock.today())),
        "few": say(N_("too few")),
        "intro": [
            say(
                N_(
                    "Workshops that are over, in numbers; also of people of whom nothing else is "
                    "kept any more."
                )
            ),
            say(ONLY_SUMS),
            say(COUNTED),
            say(TOGETHER),
            *([] if report.is_whole else [say(LAST_ONES, most=LAST)]),
        ],
        "tables": [
            _table(report, by, legend, named) for by, legend in LEGENDS.items() if report.of(by)
        ],
        "thought": _thought(report.feedback.get(chosen), named.cut(chosen), named),
    }


def _table(report: Report, by: str, legend: str, named: Named) -> dict[str, Any]:
    say = named.words.gettext
    head = ["", *(say(HEAD[one]) for one in MEASURES), say(N_("Hours attended"))]
    if by in PERIODS:
        head.insert(1, say(N_("Workshops counted")))
    rows = []
    for cut in report.of(by):
        told, name = report.numbers[cut], named.cut(cut)
        cells = [None if n is None else str(n) for n in told.people.values()]
        cells.append(None if told.minutes is None else decimal_hours(named.words, told.minutes))
        if by in PERIODS:
            cells.insert(0, named.of_all(told.editions))
        rows.append({"name": name, "dir": way(name), "cells": cells})
    return {"title": say(legend), "head": head, "rows": rows}


def _thought(counts: Counts | None, whose: str, named: Named) -> dict[str, Any]:
    say = named.words.gettext
    few = say(N_("Too few people answered, or their form is still open."))
    title = f"{say(N_('What people thought'))}: {whose}"
    if counts is None:
        return {"title": title, "dir": way(title), "few": few}
    return {
        "title": title,
        "dir": way(title),
        "few": None,
        "caption": named.answers(counts.answers),
        "scales": [_scale(name, scale, named) for name, scale in counts.marks.items()],
        "change": _change(counts.change, named),
    }


def _scale(name: str, scale: Scale | None, named: Named) -> dict[str, Any]:
    question, low, high = named.questions[name]
    say = named.words.gettext
    if scale is None:
        few = say(N_("Fewer than five people answered this question."))
        return {"question": question, "marks": None, "few": few}
    mean = named.words.decimal(scale.mean)
    return {
        "question": question,
        "marks": scale.marks,
        "bars": scale.bars,
        "head": [f"1 – {low}", "2", "3", "4", f"5 – {high}"],
        "caption": f"{named.answers(scale.answers)}, {say(N_('mean'))} {mean}",
    }


def _change(change: Change | None, named: Named) -> dict[str, Any]:
    say = named.words.gettext
    return {
        "question": say(N_("How sure people feel, before and now")),
        "head": [say(N_("Surer")), say(N_("As sure as before")), say(N_("Less sure"))],
        "numbers": [change.surer, change.same, change.less] if change else None,
        "few": say(N_("Fewer than five people answered both questions.")),
    }
