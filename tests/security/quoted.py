"""The table that the README quotes: one line for each kind of attack, its figures from the rows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from tests.bench.report import Row

HEAD = ("| attack | tried | found |", "|---|---|---|")


@dataclass(frozen=True)
class Line:
    """What is tried, how often, and what came of it; `{0[what]}` is a row's figure with its unit"""

    attack: str
    tried: str
    found: str

    def filled(self, figures: Mapping[str, str]) -> str:
        """The line with the figures of its suite."""
        told = (self.attack, self.tried, self.found)
        return f"| {' | '.join(text.format(figures) for text in told)} |"


LINES: Mapping[str, Sequence[Line]] = {
    "detectors": [
        Line(
            "words that tell who somebody is, in {0[sentences]} sentences of "
            "{0[languages]} languages",
            "{0[marks]} marks",
            "{0[all: wholly marked]} wholly marked, {0[all: touched]} touched, "
            "{0[all: false alarms a sentence]} false alarms a sentence",
        )
    ],
    "leaks": [
        Line(
            "the same words pasted into a text that leaves, in {0[disguises]} disguises",
            "{0[texts that leave]}",
            "{0[all disguises]} stopped",
        )
    ],
    "canaries": [
        Line(
            "planted words in all {0[restricted fields]} restricted fields of forms and bodies, "
            "failures included",
            "{0[canaries planted]} planted, {0[pieces searched]} files, rows, messages, mails, "
            "backups and pages searched",
            "{0[canaries found where they must not be]} where they must not be",
        ),
        Line(
            "the same with everything in PostgreSQL: rows, `pg_dump`, data files with the log, "
            "encrypted backups, opened too",
            "{0[PostgreSQL: canaries planted]} planted, {0[PostgreSQL: pieces searched]} pieces "
            "of {0[PostgreSQL: size]} searched",
            "{0[PostgreSQL: canaries found where they must not be]} where they must not be",
        ),
    ],
    "roles": [
        Line(
            "every role at every route, with what is its own, another's and nobody's",
            "{0[SQLite: cells tested]} on SQLite, {0[PostgreSQL: cells tested]} on PostgreSQL",
            "{0[cells that are not as the table says]} not as the table of roles says",
        )
    ],
    "forgeries": [
        Line(
            "forms without session, token or origin of their own, and other methods, at every "
            "route",
            "{0[SQLite: forged forms]} on SQLite, {0[PostgreSQL: forged forms]} on PostgreSQL",
            "{0[forged forms that were taken, or changed something]} taken or changed anything",
        )
    ],
    "matrices": [
        Line(
            "links, codes, numbers and keys that are used, over, taken back, somebody else's, "
            "altered or made for another door, at {0[SQLite: doors]} doors",
            "{0[SQLite: links and codes tried]} on SQLite, "
            "{0[PostgreSQL: links and codes tried]} on PostgreSQL",
            "{0[links and codes not answered as the table says]} not answered as the table says "
            "or changed anything",
        ),
        Line(
            "what is sent twice: the same, changed, by somebody else, five at once, late, after a "
            "commit that failed, at {0[SQLite: routes]} routes",
            "{0[SQLite: ways to send twice]} on SQLite, "
            "{0[PostgreSQL: ways to send twice]} on PostgreSQL",
            "{0[lost, doubled or not answered so]} lost or doubled",
        ),
    ],
    "fuzz": [
        Line(
            "requests that schemathesis draws from the descriptions of the APIs",
            "{0[cases sent]}",
            "{0[answers not as described]} of answers that are not as described, or repeat what "
            "they refuse",
        )
    ],
    "growth": [
        Line(
            "texts that nearly are something, for {0[expressions of Python's engine]} expressions "
            "and whatever else reads texts of others",
            "{0[texts that nearly are something]}",
            "{0[readers that grow faster than their text]} that can run away; four times the text "
            "is at most {0[the work's growth for four times the text, at worst]} the work",
        )
    ],
    "trail": [
        Line(
            "audit trails with rows altered, removed, added or moved",
            "{0[tamperings tried]}",
            "{0[tamperings found]} named",
        )
    ],
    "asvs": [
        Line(
            "ASVS 5.0, levels 1 and 2 ([answers](deploy/security/README.md))",
            "{0[requirements of levels 1 and 2]} requirements",
            "{0[answered: shown]} shown by a test or page, {0[answered: operator]} the operator's, "
            "{0[answered: open]} open, {0[answered: does not apply]} do not apply",
        )
    ],
}


def quoted(groups: Mapping[str, Sequence[Row]]) -> list[str]:
    """The table of what was measured, ready for the README."""
    return [
        *HEAD,
        *chain.from_iterable(_of(name, groups[name]) for name in LINES if name in groups),
    ]


def _of(name: str, rows: Sequence[Row]) -> Iterator[str]:
    figures = {row.what: row.cells[1].strip().replace(" x", " times") for row in rows}
    for line in LINES[name]:
        try:
            yield line.filled(figures)
        except KeyError as missing:
            yield f"| {name} | not measured: {missing.args[0]} | |"
