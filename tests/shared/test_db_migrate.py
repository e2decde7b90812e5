"""Migrations of a package: they run on both databases, match the models, and take turns."""

import asyncio
from pathlib import Path

import pytest
from cri_shared.db.engine import make_engine
from cri_shared.db.migrate import MigrationsDiffer, check, check_on_both, migrate
from sqlalchemy import text

from tests.shared.growing import Growing

TOY = "tests.shared.toy_service"


async def test_migrating_twice_gives_tables_that_match_the_models(database_url: str) -> None:
    migrate(TOY, database_url)
    migrate(TOY, database_url)
    check(TOY, database_url)


async def test_two_packages_share_a_database_and_keep_their_own_versions(database_url: str) -> None:
    migrate(TOY, database_url)
    migrate("cri_shared.identity", database_url)
    check(TOY, database_url)
    check("cri_shared.identity", database_url)


async def test_processes_that_migrate_at_once_wait_for_each_other(database_url: str) -> None:
    await asyncio.gather(*(asyncio.to_thread(migrate, TOY, database_url) for _ in range(4)))
    check(TOY, database_url)


async def test_a_database_that_was_not_migrated_or_drifted_is_found(database_url: str) -> None:
    with pytest.raises(MigrationsDiffer):
        check(TOY, database_url)
    migrate(TOY, database_url)
    engine = make_engine(database_url)
    async with engine.begin() as connection:
        await connection.execute(text("ALTER TABLE effects DROP COLUMN text"))
    await engine.dispose()
    with pytest.raises(MigrationsDiffer, match="text"):
        check(TOY, database_url)


@pytest.mark.postgres
def test_models_that_no_migration_makes_are_found_before_a_release(growing: Growing) -> None:
    said: list[str] = []
    with pytest.raises(MigrationsDiffer, match="name"):
        check_on_both([growing.name], said.append)
    assert said == []
    growing.grow()
    check_on_both([growing.name], said.append)
    assert said == [f"{growing.name}: migrations match the models on SQLite and PostgreSQL\n"]


def test_the_directory_of_a_sqlite_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    migrate(TOY, f"sqlite+aiosqlite:///{tmp_path}/new/service.db")
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
