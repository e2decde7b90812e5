"""The tables of `deploy/capacity.md`, each from the unit costs and the model alone."""

import re
from collections.abc import Callable

from cri_shared.events.wording import table

from tests.bench.capacity import model, units
from tests.bench.capacity.model import SCENARIOS, SENSITIVITY, Cores, Load

_MADE = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def page(text: str) -> str:
    """The page with each of its tables made anew; raises `KeyError` where it asks for another."""
    return _MADE.sub(lambda found: f"{found[1]}\n{_table(found[2])}\n\n{found[3]}", text)


def asked(text: str) -> list[str]:
    """The tables that a page holds, in its order."""
    return [found[2] for found in _MADE.finditer(text)]


def _table(name: str) -> str:
    return "\n".join(TABLES[name]())


def _units() -> list[str]:
    return table(
        ("what", "measured", "run"),
        ((one.what, f"{one.value:,} {one.unit}", one.run.name) for one in units.UNITS),
    )


def _runs() -> list[str]:
    return table(
        ("run", "day", "machine", "by", "written down"),
        (
            (run.name, run.day, run.machine, f"`{run.by}`", f"[{run.page}](../{run.page})")
            for run in units.RUNS
        ),
    )


def _assumptions() -> list[str]:
    return table(
        ("assumed", "as"),
        (
            ("share of a day's people in its busiest hour", f"{model.BUSIEST_HOUR:.0%}"),
            ("how busy a core may be then", f"{model.BUSY:.0%}"),
            ("pages and searches of a reader", f"{model.PAGES} and {model.SEARCHES}"),
            ("answers that become a public entry", f"{model.PUBLIC:.0%}"),
            ("languages of an entry", f"{model.LANGUAGES}"),
            ("answers that are rated", f"{model.RATED:.0%}"),
            ("mails of a question's way", f"{model.MAILS}"),
            (
                "events of a question; how often one takes effect (hearers from the contracts)",
                f"{model.said():.1f}; {model.heard():.1f}",
            ),
        ),
    )


def _scenarios() -> list[str]:
    rows: list[tuple[str, Callable[[model.Scenario], str]]] = [
        ("questions a day", lambda one: _number(one.questions)),
        ("readers a day", lambda one: _number(one.readers)),
        ("public entries", lambda one: _number(one.entries)),
        (
            "the cache in front answers, of pages and of searches",
            lambda one: f"{one.hits.pages:.0%}, {one.hits.searches:.0%}",
        ),
        ("**in the busiest hour:** questions/s", lambda one: _number(Load.of(one).questions)),
        ("effects of events/s", lambda one: _number(Load.of(one).heard)),
        ("searches/s, all", lambda one: _number(Load.of(one).wanted)),
        ("searches/s, behind the cache", lambda one: _number(Load.of(one).searches)),
        ("pages/s, behind the cache", lambda one: _number(Load.of(one).pages)),
        ("cores busy: search", lambda one: _number(_cores(one).search)),
        ("cores busy: cri-index, or what an index takes as it does", _index),
        ("cores busy: all else of CRI", lambda one: _number(_cores(one).others)),
        ("**to have:** cores", lambda one: _number(_cores(one).needed)),
        ("processes of search among them", lambda one: _number(_cores(one).searching)),
        ("GB of memory, services and one index", lambda one: _number(model.memory(_cores(one)))),
        ("GB of disk: entries", lambda one: _number(model.stock(one))),
        ("GB of disk: a month of events", lambda one: _number(model.standing(one))),
        (
            "GB of disk: more each year, if nothing were erased",
            lambda one: _number(model.rows_a_year(one)),
        ),
    ]
    return table(
        ("", *(one.name for one in SCENARIOS)),
        ((what, *(say(one) for one in SCENARIOS)) for what, say in rows),
    )


def _index(one: model.Scenario) -> str:
    return _number(_cores(one).index)


def _cores(one: model.Scenario) -> Cores:
    return Cores.of(Load.of(one))


def _sensitivity() -> list[str]:
    many = [SCENARIOS[-1].at(hits) for hits in SENSITIVITY]
    return table(
        (
            *("the cache answers, of pages and of searches", "pages in play"),
            *("pages/s", "searches/s"),
            *("processes of search", "cores of the index", "cores, all", "MB/s of pages"),
        ),
        (
            (
                f"{one.hits.pages:.0%}, {one.hits.searches:.0%}",
                _number(model.in_play(one)) if one.hits.pages else "any",
                _number(Load.of(one).pages),
                _number(Load.of(one).searches),
                _number(_cores(one).searching),
                _number(_cores(one).indexing),
                _number(_cores(one).needed),
                _number(Load.of(one).pages * units.PAGE_BYTES.value / 1e6),
            )
            for one in many
        ),
    )


def _breaks() -> list[str]:
    found = [model.limits(one) for one in SCENARIOS]
    rows = []
    for limit in found[-1]:
        used = [next(each.used for each in one if each.what == limit.what) for one in found]
        rows.append((limit.what, *(f"{share * 100:,.1f} %" for share in used), limit.remedy))
    return table(("one of each part", *(one.name for one in SCENARIOS), "then"), rows)


def _number(number: float) -> str:
    if number >= 10 or number == int(number):
        return f"{number:,.0f}"
    return f"{number:.2f}" if number >= 0.1 else f"{number:.2g}"


TABLES = {
    "units": _units,
    "runs": _runs,
    "assumptions": _assumptions,
    "scenarios": _scenarios,
    "sensitivity": _sensitivity,
    "breaks": _breaks,
}
