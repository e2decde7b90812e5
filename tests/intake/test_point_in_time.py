"""PostgreSQL's own archive brings intake back to a minute, as shared/BACKUPS.md tells."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from cri_intake.models import Case
from cri_shared.db.engine import make_engine
from cri_shared.testing.postgres import PostgresServer
from cri_shared.testing.waiting import until
from sqlalchemy import select, text

from tests.intake.lives import at_work, erase, readable
from tests.intake.officers import posted
from tests.intake.operators import Operator

pytestmark = [pytest.mark.postgres, pytest.mark.filterwarnings("ignore::ResourceWarning")]


def answer(url: str, question: str) -> Any:
    """What the server answers to one question."""

    async def ask() -> Any:
        engine = make_engine(url, pooled=False)
        try:
            async with engine.connect() as connection:
                return (await connection.execute(text(question))).scalar()
        finally:
            await engine.dispose()

    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, ask()).result()


def all_archived(url: str) -> None:
    """Let the piece of the log that is being written be archived too."""
    name = answer(url, "SELECT pg_walfile_name(pg_switch_wal())")
    last = "SELECT last_archived_wal FROM pg_stat_archiver"
    until(lambda: (answer(url, last) or "") >= name, timeout=30, what="archived")


async def test_a_minute_is_chosen_and_what_was_erased_since_stays_erased(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cri_shared.cli.command.configure_logs", lambda _service: None)
    archive = tmp_path / "archive"
    archive.mkdir()
    (tmp_path / "var").mkdir()
    keep = f"test ! -f {archive}/%f && cp %p {archive}/%f"
    live = PostgresServer(
        tmp_path / "live", settings={"archive_mode": "on", "archive_command": keep}
    )
    live.start()
    running = live
    try:
        operator = Operator(tmp_path, database_url=live.create_database())
        url = operator.settings.database_url
        async with at_work(operator) as intake:
            erased_later = await posted(intake, 0)
            server = ("-h", "127.0.0.1", "-p", live.port, "-U", "postgres")
            copy = tmp_path / "again" / "data"
            live.run("pg_basebackup", *server, "--checkpoint=fast", "--no-sync", "-D", copy)
            kept = await posted(intake, 1)
            moment = answer(url, "SELECT now()")
            await posted(intake, 2)
            await erase(intake, [erased_later])
            all_archived(url)
        live.stop(fast=True)

        again = PostgresServer(
            tmp_path / "again",
            settings={
                "restore_command": f"cp {archive}/%f %p",
                "recovery_target_time": moment.isoformat(" "),
                "recovery_target_action": "promote",
            },
        )
        again.port = live.port
        (copy / "recovery.signal").touch()
        (copy / f".s.PGSQL.{live.port}.lock").unlink()  # a test's socket lies among the data
        again.restart()
        running = again
        waits = "SELECT pg_is_in_recovery()"
        until(lambda: not answer(url, waits), timeout=30, what="the end of recovery")
        assert "1 erasures repeated, 1 known" in operator.run("restored")
        async with at_work(operator) as intake:
            async with intake.rig.service.database.reading() as session:
                there = set((await session.execute(select(Case.question_id))).scalars())
            assert there == {kept}
            assert await readable(intake, 1)
    finally:
        running.stop()
