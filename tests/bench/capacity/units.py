"""What one of a thing costs, as it was measured: the figures under `deploy/capacity.md`.

A figure is changed here when it was measured anew, and on the page that its run is written down on;
a test compares them. None is a guess: what was not measured is not here.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """One run of measurements: when, on what, and where it is written down."""

    name: str
    day: str
    machine: str
    page: str
    by: str


BENCH = Run(
    "A",
    "2026-11-27",
    "two cores, nothing else on them, Debian's Python",
    "tests/bench/README.md",
    "make bench",
)
GROWTH = Run(
    "B",
    "2026-11-27",
    "two cores, others on them, which bytes do not mind; PostgreSQL's of its part once more",
    "tests/bench/README.md",
    'make bench ARGS="--only growth"',
)
LEADING = Run(
    "C",
    "2026-11-25",
    "two cores, others on them",
    "shared/decisions/0008-one-process-leads.md",
    'make bench ARGS="--only leadership"',
)
REBUILDING = Run(
    "D",
    "2026-11-27",
    "two cores, nothing else on them, Debian's Python",
    "tests/bench/README.md",
    'make bench ARGS="--only rebuild"',
)
AT_ONCE = Run(
    "E",
    "2026-11-28",
    "two cores, nothing of ours beside, of changing pace, Debian's Python, all groups in one go",
    "tests/bench/README.md",
    "make bench",
)
RUNS = (BENCH, GROWTH, LEADING, REBUILDING, AT_ONCE)


@dataclass(frozen=True)
class Unit:
    """One figure, and the run that measured it."""

    what: str
    value: float
    unit: str
    run: Run


SEARCH = Unit("a search at the search service, 8 at once", 2.18, "ms CPU", BENCH)
INDEX = Unit(
    "the same at cri-index, 50,000 entries, a typo, facets, 20 hits", 5.03, "ms CPU", BENCH
)
TOGETHER = Unit("searches that both answer on two cores, 8 at once", 218, "a second", BENCH)
REBUILD = Unit("50,000 entries into cri-index", 48.5, "s", REBUILDING)
PAGE = Unit("a page of an entry, none twice", 12.6, "ms CPU", AT_ONCE)
PAGE_BYTES = Unit("the same, not compressed", 11_069, "bytes", GROWTH)
QUESTION = Unit("a question posted to intake, PostgreSQL", 4.84, "ms CPU", AT_ONCE)
HEARD = Unit(
    "an event heard with its effect, the heavier of two, PostgreSQL", 20.5, "ms CPU", AT_ONCE
)
TOLD = Unit("an event published from the outbox, PostgreSQL", 0.17, "ms CPU", LEADING)
RELAY = Unit("events that one process publishes", 1717, "a second", LEADING)
JOBS = Unit("jobs (mails, writes to the index) of one leader", 120, "a second", LEADING)
QUESTION_BYTES = Unit("a question at intake, with its key, PostgreSQL", 2400, "bytes", GROWTH)
RESEARCH_BYTES = Unit("the same heard by research, with its key, PostgreSQL", 1099, "bytes", GROWTH)
PUBLISHING_BYTES = Unit(
    "an answer heard by publishing, with its key, PostgreSQL", 6503, "bytes", GROWTH
)
STREAM_BYTES = Unit("a cleared question in its stream", 890, "bytes", GROWTH)
APPROVED_BYTES = Unit("an approved answer in its stream", 2194, "bytes", GROWTH)
ENTRY_BYTES = Unit("an entry of one language, publishing, SQLite", 3780, "bytes", GROWTH)
COPY_BYTES = Unit("the same, search's copy, SQLite", 3924, "bytes", GROWTH)
INDEX_BYTES = Unit("the same, cri-index (of 50,000)", 4709, "bytes", GROWTH)
INTAKE_MEMORY = Unit("intake after 4,000 questions", 173, "MB", GROWTH)
HEARING_MEMORY = Unit("publishing after 4,000 events; research takes less", 154, "MB", GROWTH)
SEARCH_MEMORY = Unit("search after 2,200 pages, 50,000 entries", 161, "MB", GROWTH)
INDEX_MEMORY = Unit("cri-index, 50,000 entries", 184, "MB", GROWTH)
UNITS = tuple(unit for unit in list(globals().values()) if isinstance(unit, Unit))
