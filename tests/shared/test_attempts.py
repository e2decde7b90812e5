"""What is refused at the doors is counted, and goes to the audit trail by the hour."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cri_shared import clock
from cri_shared.bus.outbox import Outbox
from cri_shared.db import Database
from cri_shared.identity.audit import note
from cri_shared.identity.staff import Staff
from cri_shared.testing.identity import PASSWORD, sign_in
from cri_shared.testing.waiting import eventually
from cri_shared.testing.web import running
from cri_shared.trail.attempts import AT_ONCE, NOTHING, Attempts
from sqlalchemy import select
from structlog.testing import capture_logs

from tests.shared.toy import messaging, metadata
from tests.shared.toy_console import Console, build, code_of, invited

LEEN = Staff(
    "s-1", "Leen D.", "leen@staff.example", frozenset({"officer"}), "en", "c", "x", clock.now()
)
TEN = dt.datetime(2026, 3, 12, 10, 20, tzinfo=dt.UTC)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url, Outbox(messaging, service="toy", key=bytes(32)))
    async with made.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
    yield made
    await made.close()


async def rows(database: Database, table: Any) -> list[Any]:
    async with database.reading() as session:
        return list((await session.execute(select(table))).all())


class TestCounting:
    async def test_two_processes_add_up_and_the_hour_that_is_over_is_noted_once(
        self, database: Database
    ) -> None:
        processes = [Attempts(database), Attempts(database)]
        with clock.frozen(TEN):
            for attempts in processes:
                for _try in range(3):
                    attempts.count("sign_in.failed", "s-9")
                attempts.count("right.refused", "keys.manage", by=LEEN)
                await attempts.close()
        async with database.writing() as work:
            with clock.frozen(TEN + dt.timedelta(minutes=39)):
                await processes[0].note_hours(work)
        assert await rows(database, messaging.audit) == []
        with clock.frozen(TEN + dt.timedelta(minutes=41)):
            for _again in range(2):
                async with database.writing() as work:
                    await processes[0].note_hours(work)
        noted = await rows(database, messaging.audit)
        hour = "2026-03-12T10:00:00+00:00"
        told = [(row.action, row.about, row.actor_id, row.actor, row.facts) for row in noted]
        assert sorted(told) == [
            ("right.refused", "keys.manage", "s-1", "Leen D.", {"count": 2, "hour": hour}),
            ("sign_in.failed", "s-9", None, "cri", {"count": 6, "hour": hour}),
        ]
        assert await rows(database, messaging.attempts) == []

    async def test_who_tries_without_end_makes_no_more_rows(self, database: Database) -> None:
        attempts = Attempts(database)
        with clock.frozen(TEN), capture_logs() as logs:
            for number in range(AT_ONCE + 500):
                attempts.count("api_key.unknown")
                attempts.count("api_key.wrong", f"key-{number}")
            await attempts.close()
        kept = await rows(database, messaging.attempts)
        assert len(kept) == AT_ONCE + 1
        assert sum(row.tries for row in kept) == 2 * (AT_ONCE + 500)
        told = [line for line in logs if line["event"] == "doors.refused"]
        assert told == [
            {"event": "doors.refused", "log_level": "warning", "kind": kind, "count": AT_ONCE + 500}
            for kind in ("api_key.unknown", "api_key.wrong")
        ]

    async def test_what_is_counted_is_written_by_itself_also_at_the_end(
        self, database: Database, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        attempts = Attempts(database)
        attempts.count("receipt.unknown")
        await attempts.close()
        assert len(await rows(database, messaging.attempts)) == 1
        monkeypatch.setattr("cri_shared.trail.attempts.WRITE_SECONDS", 0.01)
        attempts = Attempts(database)
        attempts.count("api_key.unknown")

        async def both() -> bool:
            return len(await rows(database, messaging.attempts)) == 2

        await eventually(both, what="the second row")
        await attempts.close()

    async def test_what_cannot_be_written_is_kept_until_it_can(self, database: Database) -> None:
        attempts = Attempts(database)
        attempts.count("receipt.unknown")
        async with database.engine.begin() as connection:
            await connection.run_sync(messaging.attempts.drop)
        await attempts.write()
        attempts.count("receipt.unknown")
        async with database.engine.begin() as connection:
            await connection.run_sync(messaging.attempts.create)
        await attempts.close()
        ((_hour, kind, about, _actor_id, _actor, tries),) = await rows(database, messaging.attempts)
        assert (kind, about, tries) == ("receipt.unknown", NOTHING, 2)


class Watched:
    """A console, and what was counted and noted at it."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.service = console.app.state.service

    async def counted(self) -> dict[tuple[str, str, str], int]:
        """How often, by kind, thing and person."""
        async with self.service.database.reading() as session:
            lately = await self.service.attempts.lately(session)
        return {(c.attempt.kind, c.attempt.about, c.attempt.actor): c.count for c in lately}

    async def noted(self) -> list[tuple[str, str, dict[str, Any]]]:
        """Action, person and facts in the audit trail."""
        found = await rows(self.service.database, self.service.database.outbox.tables.audit)
        return [(row.action, row.actor, row.facts) for row in found]

    async def post(self, path: str, **data: str) -> httpx.Response:
        return await self.console.client.post(path, data=data)


@pytest.fixture
def watched(console: Console) -> Watched:
    return Watched(console)


class TestSignIns:
    async def test_good_ones_are_in_the_trail_with_the_way(
        self, watched: Watched, tmp_path: Path
    ) -> None:
        path, secret = await invited(watched.console, "officer")
        await watched.post(path, password=PASSWORD, code=code_of(secret))
        identity = watched.service.identity
        staff = await identity.whoever(watched.console.client.cookies["cri_intake"])
        await watched.post("/console/sign-out", csrf=staff.csrf)
        form = {"email": staff.email, "password": PASSWORD, "code": code_of(secret, later=30)}
        for _click in range(2):
            await watched.post("/console/sign-in", **form)
        assert await watched.noted() == [
            ("staff.signed_in", "Leen D.", {"way": "invitation"}),
            ("staff.signed_out", "Leen D.", {}),
            ("staff.signed_in", "Leen D.", {"way": "password"}),
        ]
        assert await watched.counted() == {}
        code = await identity.hand_over(staff, "research")
        async with running(build("research", tmp_path)) as client:
            other = Watched(Console(client._transport.app, client))  # type: ignore[attr-defined]
            await client.get(f"/console/arrive?code={code}")
            assert await other.noted() == [("staff.signed_in", "Leen D.", {"way": "console"})]

    async def test_failed_ones_are_counted_by_account_and_strangers_together(
        self, watched: Watched
    ) -> None:
        path, secret = await invited(watched.console, "officer")
        await watched.post(path, password=PASSWORD, code=code_of(secret))
        account = await watched.service.identity.id_of("leen@ngo.example")
        watched.console.client.cookies.clear()
        for email in ("leen@ngo.example", "leen@ngo.example", "a@x.example", "b@x.example"):
            form = {"email": email, "password": "not the one I have", "code": "000000"}
            assert (await watched.post("/console/sign-in", **form)).status_code == 422
        await watched.console.client.get("/console/invited/none")
        await watched.console.client.get("/console/arrive?code=none")
        assert await watched.counted() == {
            ("sign_in.failed", account, "cri"): 2,
            ("sign_in.failed", NOTHING, "cri"): 2,
            ("invitation.unknown", NOTHING, "cri"): 1,
            ("handover.unknown", NOTHING, "cri"): 1,
        }
        before = await watched.counted()
        await watched.service.attempts.write()
        assert await watched.counted() == before
        kept = repr(await rows(watched.service.database, messaging.attempts))
        assert "x.example" not in kept
        assert "127.0.0.1" not in kept


class TestRights:
    async def test_what_is_refused_to_a_person_is_counted_with_the_action(
        self, watched: Watched
    ) -> None:
        staff = await sign_in(watched.console.client, watched.console.app, "trainer")
        for _try in range(2):
            assert (await watched.console.client.get("/console/work")).status_code == 403
        assert (await watched.post("/console/account/language")).status_code == 403
        old = clock.now() + dt.timedelta(minutes=11)
        with clock.frozen(old):
            asked = {"csrf": staff.csrf, "then": "/console", "proof_code": "000000"}
            assert (await watched.post("/console/prove", **asked)).status_code == 422
        assert await watched.counted() == {
            ("right.refused", "work.do", "Leen D."): 2,
            ("form.refused", "account.keep", "Leen D."): 1,
            ("proof.failed", staff.staff_id, "Leen D."): 1,
        }


class TestAuditors:
    @pytest.mark.parametrize(
        ("language", "said"),
        [
            ("en", ["Signed in with password and code", "A sign-in that failed", "7 times"]),
            ("nl", ["Aangemeld met wachtwoord en code", "Een mislukte aanmelding", "7 keer"]),
            ("fr", ["Connexion par mot de passe et code", "Une connexion échouée", "7 fois"]),
        ],
    )
    async def test_they_read_it_in_words(
        self, watched: Watched, language: str, said: list[str]
    ) -> None:
        staff = await sign_in(watched.console.client, watched.console.app, "auditor")
        await watched.service.identity.speak(staff.staff_id, language)
        for _try in range(7):
            watched.service.attempts.count("sign_in.failed", staff.staff_id)
        this_hour = (await watched.console.client.get("/console/audit")).text
        assert said[1] in this_hour
        form = {"hour": "2026-03-12T10:00:00+00:00", "count": 7}
        async with watched.service.database.writing() as work:
            await note(work, "staff.signed_in", staff.staff_id, by=staff, way="password")
            await note(work, "sign_in.failed", staff.staff_id, **form)
        page = (await watched.console.client.get("/console/audit")).text
        assert all(words in page for words in said)
