"""What officers mark and answer at the desk becomes counts; no word of a text is counted."""

from collections import Counter
from collections.abc import Iterable

from cri_shared import clock
from cri_shared.db import Work, new_id
from cri_shared.db.inserting import insert_into
from cri_shared.identity.staff import Staff
from prometheus_client import Gauge
from sqlalchemy import select

from cri_intake.models import Base, Case, Miss, Release
from cri_intake.queries import figures
from cri_intake.queries.desk import Gate
from cri_intake.rig import Rig
from cri_intake.rules.desk import Said
from cri_intake.rules.figures import FEWEST, MISSED, SEEN

desk_words = Gauge(
    "cri_desk_words", "Words at the desk in this month, by what became of them", ["kind", "verdict"]
)


async def mark_missed(
    work: Work, rig: Rig, case: Case, kind: str, words: str, *, by: Staff
) -> None:
    """Words that no detector saw tell who asks: the leak check knows them from now on."""
    case.must_be_with(by)
    if (kind, words) in await figures.misses_of(work.session, rig, case):
        return  # a first click marked them
    sealed, miss_id = await rig.sealed(case.owner), new_id()
    work.session.add(
        Miss(
            miss_id=miss_id,
            question_id=case.question_id,
            kind=kind,
            words_sealed=sealed.seal(f"miss:{miss_id}", words),
        )
    )
    await work.session.flush()


async def count_release(
    work: Work, group: Iterable[Case], gate: Gate, said: Said, language: str
) -> None:
    """Count what was seen, missed and answered when a text leaves; originals only once."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for kind, verdict in said.done.values():
        counts[language, kind, verdict] += 1
    for case in group:
        before = select(Release.research_id).where(Release.question_id == case.question_id)
        if (await work.session.execute(before.limit(1))).first() is None:
            for kind in gate.seen.get(case.question_id, ()):
                counts[case.language, kind, SEEN] += 1
            for kind in gate.missed.get(case.question_id, ()):
                counts[case.language, kind, MISSED] += 1
    await _add(work, counts)


async def _add(work: Work, counts: Counter[tuple[str, str, str]]) -> None:
    table = Base.metadata.tables["desk_counts"]
    month = clock.today().strftime("%Y-%m")
    for (language, kind, verdict), number in sorted(counts.items()):
        row = insert_into(work.session, table).values(
            month=month, language=language, kind=kind, verdict=verdict, number=number
        )
        keys = ["month", "language", "kind", "verdict"]
        more = {"number": table.c.number + number}
        await work.session.execute(row.on_conflict_do_update(index_elements=keys, set_=more))


async def tell_figures(work: Work) -> None:
    """Set the metric from this month's counts; numbers below five are left out."""
    totals: Counter[tuple[str, str]] = Counter()
    month = clock.today().strftime("%Y-%m")
    for one in await figures.months(work.session):
        for line in one.lines if one.month == month else ():
            for verdict, number in line.numbers.items():
                totals[line.kind, verdict] += number
    desk_words.clear()
    for (kind, verdict), number in totals.items():
        if number >= FEWEST:
            desk_words.labels(kind, verdict).set(number)
