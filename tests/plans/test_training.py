"""Training finds what is due, and whom an organisation sent last, along an index of just that."""

import re
from pathlib import Path

from cri_shared.db.engine import make_engine
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.plans.reading import goes_by, goes_by_index_alone, sorts
from tests.plans.recording import Recorded, Statement
from tests.plans.test_plans import recorded

DESK = "anybody /{lang}/organisation/{token}"
_KEPT = re.compile(r"FROM sign_ups\s+WHERE (?!.*IN \(SELECT).*edition_ends_at <=", re.DOTALL)
_LAST = re.compile(r"FROM sign_ups JOIN editions.*GROUP BY sign_ups.edition_ends_at", re.DOTALL)
_THEIRS = re.compile(r"sign_ups.organisation_id =")
_UNCOUNTED = re.compile(r"FROM editions\s+WHERE counted_no IS NULL.*ORDER BY.*LIMIT", re.DOTALL)
_EARLY = re.compile(r"^SELECT count.*FROM editions.*feedback_closed_at IS NOT NULL", re.DOTALL)
_OPEN = re.compile(r"FROM editions\s+WHERE .*feedback_closed_at IS NULL.*LIMIT", re.DOTALL)


async def test_what_training_looks_for_is_found_along_an_index_of_just_that(
    tmp_path: Path, database_url: str
) -> None:
    found = await recorded("training", tmp_path, database_url)
    engine = make_engine(database_url).execution_options(sqlite_begin="DEFERRED")
    async with engine.connect() as connection:
        await who_was_kept_long_enough(connection, found)
        await the_last_workshops_of_an_organisation(connection, found)
        await what_is_to_be_counted(connection, found)
        await which_forms_are_open_or_closed_early(connection, found)
    await engine.dispose()


async def who_was_kept_long_enough(connection: AsyncConnection, found: Recorded) -> None:
    kept = such(found, _KEPT)
    assert len(kept) == 2, "those who go next, and how many they are"
    for one in kept:
        assert await goes_by(connection, one, "ix_sign_ups_edition_ends_at"), one.sql
        assert not await sorts(connection, one), one.sql


async def the_last_workshops_of_an_organisation(
    connection: AsyncConnection, found: Recorded
) -> None:
    (last,) = such(found, _LAST, DESK)
    assert await goes_by_index_alone(connection, last, "ix_sign_ups_organisation")
    assert not await sorts(connection, last)
    theirs = such(found, _THEIRS, DESK)
    assert len(theirs) > 1
    for one in theirs:
        names = ("ix_sign_ups_organisation", "ix_sign_ups_edition")
        assert await goes_by(connection, one, *names), one.sql


async def what_is_to_be_counted(connection: AsyncConnection, found: Recorded) -> None:
    due = such(found, _UNCOUNTED)
    assert len(due) == 2, "those that are said to be complete, and those whose time has come"
    for one in due:
        name = "complete" if "complete_at" in one.sql else "uncounted"
        assert await goes_by(connection, one, f"ix_editions_{name}"), one.sql
        assert not await sorts(connection, one), one.sql


async def which_forms_are_open_or_closed_early(
    connection: AsyncConnection, found: Recorded
) -> None:
    early, still = such(found, _EARLY), such(found, _OPEN)
    assert early
    assert still
    # PostgreSQL goes by what it knows of its tables, and these are empty.
    either = () if connection.dialect.name == "sqlite" else ("ix_editions_ends_at",)
    for one in early:
        assert await goes_by(connection, one, "ix_editions_closed_early", *either), one.sql
    for one in still:
        assert await goes_by(connection, one, "ix_editions_ends_at"), one.sql


def such(found: Recorded, which: re.Pattern[str], by: str = "") -> list[Statement]:
    """The statements of a kind, those of a page or a job."""
    return [s for s in found.every.values() if which.search(s.sql) and s.by.startswith(by)]
