"""What a fault run left in the databases: everything once, nothing lost, nothing twice."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from cri_research.actions.links import DISPATCHED
from cri_shared.db.engine import make_engine
from sqlalchemy import text

from tests.faults.house import House


@dataclass(frozen=True)
class Tables:
    """What the databases say, by ids; counters show what happened more than once."""

    cases: Counter[str]
    released: dict[str, str]  # question id -> research id
    with_partner: set[str]
    questions: Counter[str]
    assignments: Counter[str]
    dispatched: Counter[str]
    letters: int  # that told a partner of an assignment
    unpublished: dict[str, int]  # service -> events that wait in its outbox
    unsent: int  # mails of research that wait
    dead: int

    @property
    def quiet(self) -> bool:
        """Whether nothing waits to leave."""
        return not any(self.unpublished.values()) and not self.unsent

    @property
    def effects(self) -> dict[str, int]:
        """What came of the questions, by what it is."""
        return {
            "recorded": self.cases.total(),
            "released": len(self.released),
            "known to research": self.questions.total(),
            "sent to a partner": self.assignments.total(),
            "letters": self.letters,
            "heard back": len(self.with_partner),
        }


@dataclass
class Verdict:
    """Lost and doubled, each with an example."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Whether nothing was lost and nothing happened twice."""
        return not self.lost and not self.doubled


async def look(house: House) -> Tables:
    """Read both databases."""
    intake, research = house.intake.database_url, house.research.database_url
    waiting = "SELECT count(*) FROM outbox WHERE published_at IS NULL"
    buried = "SELECT count(*) FROM dead_letters"
    done = "SELECT about FROM audit WHERE action = 'research.question.dispatched'"
    urls = {"intake": intake, "research": research}
    letters = [(await rows_of(url, buried))[0][0] for url in urls.values()]
    return Tables(
        cases=await _counted(intake, "SELECT question_id FROM cases"),
        released=dict(await rows_of(intake, "SELECT question_id, research_id FROM releases")),
        with_partner=await heard_back(house),
        questions=await _counted(research, "SELECT research_id FROM questions"),
        assignments=await _counted(research, "SELECT research_id FROM assignments"),
        dispatched=await _counted(research, done),
        letters=_letters(house),
        unsent=(await rows_of(research, "SELECT count(*) FROM mails WHERE refused IS NULL"))[0][0],
        unpublished={name: (await rows_of(url, waiting))[0][0] for name, url in urls.items()},
        dead=sum(letters),
    )


async def heard_back(house: House) -> set[str]:
    """The questions of which intake knows that they were sent to a partner."""
    sent = "SELECT question_id FROM cases WHERE status = 'with_partner'"
    return {row[0] for row in await rows_of(house.intake.database_url, sent)}


def judge(tables: Tables, posted: list[str]) -> Verdict:
    """Compare what people were told with what the databases hold."""
    verdict = Verdict()
    for question_id in posted:
        if question_id not in tables.cases:
            verdict.lost.append(f"question {question_id} was answered 201 and is not there")
        elif question_id not in tables.released:
            verdict.lost.append(f"question {question_id} was released and is not")
        elif question_id not in tables.with_partner:
            verdict.lost.append(f"intake never heard that {question_id} was sent to a partner")
    for research_id in tables.released.values():
        if research_id not in tables.questions:
            verdict.lost.append(f"research never heard of {research_id}")
        elif research_id not in tables.dispatched:
            verdict.lost.append(f"{research_id} was not sent to a partner")
    verdict.lost += ["a dead letter"] * tables.dead
    letters = tables.letters - tables.assignments.total()
    verdict.lost += ["a letter to a partner"] * -letters
    verdict.doubled += ["a letter to a partner"] * letters
    verdict.doubled += _more_than_once("case", tables.cases)
    verdict.doubled += _more_than_once("assignment", tables.assignments)
    verdict.doubled += _more_than_once("dispatch", tables.dispatched)
    verdict.doubled += _more_than_once("posted", Counter(posted))
    verdict.doubled += _more_than_once("released as", Counter(tables.released.values()))
    extra = set(tables.cases) - set(posted)
    verdict.doubled += [f"case {one} was recorded and nobody was told" for one in sorted(extra)]
    strange = set(tables.questions) - set(tables.released.values())
    verdict.doubled += [f"research has {one}, which nobody released" for one in sorted(strange)]
    return verdict


def _letters(house: House) -> int:
    letters = (house.directory / "house" / "mail").glob("*.eml")
    return sum(DISPATCHED in letter.read_text() for letter in letters)


def _more_than_once(what: str, counted: Counter[str]) -> list[str]:
    return [f"{what} {one}: {times} times" for one, times in counted.items() if times > 1]


async def _counted(url: str, statement: str) -> Counter[str]:
    return Counter(row[0] for row in await rows_of(url, statement))


async def rows_of(url: str, statement: str) -> list[Any]:
    """The rows of a query on a service's database."""
    engine = make_engine(url).execution_options(sqlite_begin="DEFERRED")
    try:
        async with engine.connect() as connection:
            return list((await connection.execute(text(statement))).all())
    finally:
        await engine.dispose()
