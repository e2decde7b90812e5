"""From people to rates, from rates and unit costs to cores, memory, disk, and what breaks first."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from cri_search.pages.keeping import FRESH_SECONDS
from cri_shared.bus.topology import KEEP_DAYS, streams
from cri_shared.events import Event
from cri_shared.events.intake import AnswerDelivered, AnswerRated, QuestionCleared
from cri_shared.events.publishing import EntryPublished
from cri_shared.events.research import AnswerApproved, QuestionDispatched

from tests.bench.capacity import units

BUSIEST_HOUR = 0.15  # of a day's people come in it
BUSY = 0.6  # of a core may be used in the busiest hour, or answers wait
PAGES, SEARCHES = 4, 1  # of a reader
PUBLIC = 0.1  # of the answers become an entry
LANGUAGES = 3  # of an entry
RATED = 0.3  # of the answers
MAILS = 3  # of a question's way
CONNECTIONS, OF_SEARCH = 18, 15  # of a process: shared/DATABASES.md
SERVER_GIVES = 97  # of PostgreSQL's usual 100, without its reserve
THROUGH_PAGES = 0.5  # questions a second that the form takes, of all together
GB, HOUR = 1e9, 3600

# Of one question: how often each is said. Days that are sealed and numbers asked for again are few.
LIFE: dict[type[Event], float] = {
    QuestionCleared: 1,
    QuestionDispatched: 1,
    AnswerApproved: 1,
    AnswerDelivered: 1,
    AnswerRated: RATED,
    EntryPublished: PUBLIC,
}


@dataclass(frozen=True)
class Hits:
    """What a cache in front answers by itself, of pages and of searches."""

    pages: float
    searches: float


@dataclass(frozen=True)
class Scenario:
    """Who comes: questions and readers of a day, entries that are public, a cache in front."""

    name: str
    questions: int
    readers: int
    entries: int
    hits: Hits

    def at(self, hits: Hits) -> "Scenario":
        """The same behind another cache."""
        return replace(self, hits=hits)


SCENARIOS = (
    Scenario("one network of NGOs", 50, 2_000, 3_000, Hits(0, 0)),
    Scenario("NGOs of ten countries", 500, 20_000, 30_000, Hits(0, 0)),
    Scenario("ten million readers a day", 5_000, 10_000_000, 50_000, Hits(0.95, 0.5)),
)
SENSITIVITY = (Hits(0, 0), Hits(0.8, 0.3), Hits(0.95, 0.5), Hits(0.99, 0.8))


def in_play(scenario: Scenario) -> float:
    """How many pages, evenly read, one cache answers so well: a page is fresh for so long only.

    Of a page that is asked for k times within its life, one answer in k + 1 is fetched.
    """
    all_pages = Load.of(scenario.at(Hits(0, 0))).pages
    missed = 1 - scenario.hits.pages
    return all_pages * FRESH_SECONDS * missed / scenario.hits.pages


def said() -> float:
    """Events that one question makes."""
    return sum(LIFE.values())


def heard() -> float:
    """How often one of them takes effect, each hearer counted."""
    return sum(often * len(event.heard_by) for event, often in LIFE.items())


@dataclass(frozen=True)
class Load:
    """Rates in the busiest hour, a second; pages and searches behind the cache."""

    questions: float
    told: float
    heard: float
    pages: float
    searches: float
    wanted: float  # searches, in front of the cache

    @classmethod
    def of(cls, scenario: Scenario) -> "Load":
        """What a scenario asks of CRI in its busiest hour."""
        questions = scenario.questions * BUSIEST_HOUR / HOUR
        readers = scenario.readers * BUSIEST_HOUR / HOUR
        return cls(
            questions,
            questions * said(),
            questions * heard(),
            readers * PAGES * (1 - scenario.hits.pages),
            readers * SEARCHES * (1 - scenario.hits.searches),
            readers * SEARCHES,
        )


@dataclass(frozen=True)
class Cores:
    """Cores that are kept busy, by part."""

    search: float
    index: float
    others: float

    @classmethod
    def of(cls, load: Load) -> "Cores":
        """Rates times milliseconds."""
        return cls(
            (load.pages * units.PAGE.value + load.searches * units.SEARCH.value) / 1000,
            load.searches * units.INDEX.value / 1000,
            (
                load.questions * units.QUESTION.value
                + load.told * units.TOLD.value
                + load.heard * units.HEARD.value
            )
            / 1000,
        )

    @property
    def needed(self) -> int:
        """Whole cores to have, so that none is busier than it may be."""
        return math.ceil((self.search + self.index + self.others) / BUSY)

    @property
    def searching(self) -> int:
        """Processes of search: one answers on one core."""
        return max(1, math.ceil(self.search / BUSY))

    @property
    def indexing(self) -> int:
        """Cores for the index; more than one is no work for cri-index."""
        return max(1, math.ceil(self.index / BUSY))


def memory(cores: Cores) -> float:
    """GB of services and index. One process each of intake, research, publishing and training.

    Research and training count as publishing. An index of more cores counts once.
    """
    others = units.INTAKE_MEMORY.value + 3 * units.HEARING_MEMORY.value
    searching = cores.searching * units.SEARCH_MEMORY.value
    return (others + searching + units.INDEX_MEMORY.value) / 1000


def rows_a_year(scenario: Scenario) -> float:
    """GB that a year adds to databases and index if nothing were ever erased."""
    question = (
        units.QUESTION_BYTES.value + units.RESEARCH_BYTES.value + units.PUBLISHING_BYTES.value
    )
    return scenario.questions * 365 * (question + PUBLIC * entry()) / GB


def stock(scenario: Scenario) -> float:
    """GB of the entries that are public."""
    return scenario.entries * entry() / GB


def entry() -> float:
    """Bytes of a public entry with all its languages: at publishing, in the copy, in the index."""
    each = units.ENTRY_BYTES.value + units.COPY_BYTES.value + units.INDEX_BYTES.value
    return LANGUAGES * each


def streamed(scenario: Scenario, producer: str) -> float:
    """Bytes of a month in a producer's stream.

    Intake's events count as long as a cleared question, all others as long as an approved answer.
    """
    often = sum(each for event, each in LIFE.items() if event.producer == producer)
    long = units.STREAM_BYTES if producer == "intake" else units.APPROVED_BYTES
    return scenario.questions * often * KEEP_DAYS * long.value


def standing(scenario: Scenario) -> float:
    """GB of a month of streams, and as much again of outboxes, which keep events as long."""
    producers = {event.producer for event in LIFE}
    return 2 * sum(streamed(scenario, producer) for producer in producers) / GB


@dataclass(frozen=True)
class Limit:
    """A part of which there is one, how much of it is used, and what to do then."""

    what: str
    used: float
    remedy: str


def limits(scenario: Scenario) -> list[Limit]:
    """Every limit of a platform with one of each part, the fullest first."""
    return sorted(_limits(scenario), key=lambda limit: -limit.used)


def _limits(scenario: Scenario) -> Iterator[Limit]:
    load = Load.of(scenario)
    cores = Cores.of(load)
    most = next(streams()).max_bytes or 0
    intake, research = (streamed(scenario, name) / most for name in ("intake", "research"))
    connections = (4 * CONNECTIONS + cores.searching * OF_SEARCH) / SERVER_GIVES
    effect = load.heard / 3 * units.HEARD.value / 1000
    yield Limit("cri-index, one process", cores.index, "Meilisearch")
    yield Limit("search, one process", cores.search, "more processes of search")
    yield Limit("intake, one process", load.questions * units.QUESTION.value / 1000, "replicas")
    yield Limit("one service hearing a third of all events", effect, "replicas share the work")
    yield Limit("one service publishing all events", load.told / units.RELAY.value, "none is known")
    yield Limit("mails of one leader", load.questions * MAILS / units.JOBS.value, "none is known")
    yield Limit("stream of 512 MB, the fuller", max(intake, research), "`CRI_NATS_STREAM_MB`")
    yield Limit("PostgreSQL's 97 connections", connections, "`max_connections`, or smaller pools")
    yield Limit(
        "questions through the form, 30 a minute", load.questions / THROUGH_PAGES, "the API"
    )
