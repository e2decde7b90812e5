"""Readiness tells the truth: each part that is away is named, and only what must stops requests."""

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from cri_shared import clock
from cri_shared.bus.envelope import headers_for
from cri_shared.bus.erasure import erase
from cri_shared.bus.gaps import send_again
from cri_shared.db import Work
from cri_shared.events.upkeep import RESEND_ASKED
from cri_shared.testing.nats import NatsServer, fresh_streams
from cri_shared.testing.postgres import PostgresServer
from cri_shared.testing.waiting import eventually
from cri_shared.web.health.rules import Found, Kept, State, Working
from sqlalchemy import insert, update

from tests.shared.toy import cleared, messaging, prepared
from tests.shared.toy_web import service_of, serving

QUIET = Kept(
    waiting=0, age_seconds=0.0, refused=0, dead={"intake": 0}, gaps={}, gaps_asked=0, seals={}
)
BUSY = Working(
    nats=None, lag={"intake": 0}, relay_runs=True, clockwork_runs=True, clockwork_stuck=False
)
WELL = Found(QUIET, BUSY, needs={"keys": True}, helps={"index": True})


async def erase_it(work: Work) -> None:
    await erase(work, "r")


async def send_it_again(work: Work) -> None:
    asked = RESEND_ASKED["research"](wanted=cleared("r").subject, numbers=(1,))
    await send_again(work, asked, "intake")


class TestRules:
    def test_a_process_without_trouble_is_ready(self) -> None:
        assert (WELL.status, WELL.reasons) == (State.READY, [])
        assert [part.name for part in WELL.parts] == [
            *("database", "pool", "keys", "nats", "relay", "clockwork"),
            *("outbox", "dead-letters", "gaps", "seals", "index"),
        ]

    @pytest.mark.parametrize(
        ("found", "reason"),
        [
            (replace(WELL, working=replace(BUSY, nats="nats-away", lag=None)), "nats-away"),
            (replace(WELL, working=replace(BUSY, relay_runs=False)), "relay-stopped"),
            (replace(WELL, working=replace(BUSY, clockwork_runs=False)), "clockwork-stopped"),
            (replace(WELL, working=replace(BUSY, clockwork_stuck=True)), "clockwork-stuck"),
            (replace(WELL, kept=replace(QUIET, waiting=1, age_seconds=61)), "outbox-late"),
            (replace(WELL, kept=replace(QUIET, refused=1)), "outbox-refused"),
            (replace(WELL, kept=replace(QUIET, dead={"intake": 1})), "dead-letters"),
            (replace(WELL, kept=replace(QUIET, gaps={"intake": 1}, gaps_asked=1)), "gaps"),
            (replace(WELL, kept=replace(QUIET, seals={"intake": 1})), "seals-differ"),
            (replace(WELL, helps={"index": False}), "index-away"),
            (replace(WELL, exhausted=True), "pool-exhausted"),
        ],
    )
    def test_trouble_beside_requests_degrades(self, found: Found, reason: str) -> None:
        assert (found.status, found.reasons) == (State.DEGRADED, [reason])

    def test_a_gap_that_may_still_close_by_itself_does_not(self) -> None:
        found = replace(WELL, kept=replace(QUIET, gaps={"intake": 1}))
        assert found.status is State.READY

    @pytest.mark.parametrize(
        ("found", "reason"),
        [
            (replace(WELL, kept=None), "database-away"),
            (replace(WELL, needs={"keys": False}), "keys-away"),
        ],
    )
    def test_what_no_request_can_do_without_makes_it_unavailable(
        self, found: Found, reason: str
    ) -> None:
        assert (found.status, found.reasons) == (State.UNAVAILABLE, [reason])

    def test_what_stops_requests_is_told_first(self) -> None:
        found = Found(None, replace(BUSY, nats="nats-away"), needs={"keys": False}, helps={})
        assert found.reasons == ["database-away", "keys-away", "nats-away"]

    def test_a_process_without_a_worker_has_none_of_its_parts(self) -> None:
        found = replace(WELL, working=None)
        assert {part.name for part in found.parts}.isdisjoint({"nats", "relay", "clockwork"})


async def told(client: httpx.AsyncClient) -> tuple[int, str, list[str]]:
    """Status, and what readiness says."""
    answer = await client.get("/health/ready")
    body = answer.json()
    return answer.status_code, body["status"], body["reasons"]


async def says(client: httpx.AsyncClient, *expected: Any) -> None:
    """Wait until readiness says exactly this."""

    wanted, said = (*expected[:2], list(expected[2:])), []

    async def so() -> bool:
        said.append(await told(client))
        return said[-1] == wanted

    try:
        await eventually(so, timeout=30)
    except AssertionError:
        pytest.fail(f"{said[-1]} and not {wanted}")


@pytest.mark.nats
class TestNats:
    async def test_while_it_is_away_the_process_is_degraded_and_then_ready_again(
        self, tmp_path: Path
    ) -> None:
        server = NatsServer(tmp_path / "nats")
        async with serving(tmp_path, nats_url=server.url) as client:
            await says(client, 200, "degraded", "nats-away")
            server.start()
            await says(client, 200, "degraded", "nats-not-provisioned")
            await fresh_streams(server.url)
            await says(client, 200, "ready")
            server.stop()
            await says(client, 200, "degraded", "nats-away")
            server.start()
            await says(client, 200, "ready")
            server.stop()

    async def test_one_that_is_frozen_is_away_although_the_connection_stands(
        self, tmp_path: Path, own_nats: NatsServer
    ) -> None:
        async with serving(tmp_path, nats_url=own_nats.url) as client:
            await says(client, 200, "ready")
            own_nats.pause()
            await says(client, 200, "degraded", "nats-away")
            assert service_of(client).bus.connected
            own_nats.resume()
            await says(client, 200, "ready")

    async def test_a_web_process_says_nothing_of_it(self, tmp_path: Path) -> None:
        async with serving(tmp_path, role="web") as client:
            assert await told(client) == (200, "ready", [])

    async def test_lag_is_what_waits_in_the_stream(self, tmp_path: Path, nats_url: str) -> None:
        url = f"sqlite+aiosqlite:///{tmp_path}/intake.db"
        async with prepared("intake", url, nats_url) as intake:
            await intake.append(*(cleared(f"r{n}") for n in range(5)))
            intake.bus.start()

            async def published() -> bool:
                return await intake.waiting() == 0

            await eventually(published, what="published")
            await intake.bus.stop()
        lags: list[int] = []
        async with serving(tmp_path, nats_url=nats_url) as client:

            async def caught_up() -> bool:
                lag = (await client.get("/health/ready")).json()["lag"]
                lags.extend(lag.values() if lag else ())
                return bool(lag) and lag["intake"] == 0

            await eventually(caught_up, what="everything taken in")
        assert set(lags) <= set(range(6))


class TestDatabase:
    async def test_a_sqlite_file_that_is_gone_stops_requests(self, tmp_path: Path) -> None:
        async with serving(tmp_path, role="web") as client:
            (tmp_path / "research.db").rename(tmp_path / "elsewhere.db")
            assert await told(client) == (503, "unavailable", ["database-away"])
            (tmp_path / "research.db").unlink(missing_ok=True)
            (tmp_path / "elsewhere.db").rename(tmp_path / "research.db")
            assert await told(client) == (200, "ready", [])

    async def test_an_identity_store_that_is_gone_only_degrades(self, tmp_path: Path) -> None:
        async with serving(tmp_path, role="web") as client:
            await service_of(client).identity.close()  # gives back what it holds open
            (tmp_path / "identity.db").rename(tmp_path / "elsewhere.db")
            assert await told(client) == (200, "degraded", ["identity-away"])

    @pytest.mark.postgres
    @pytest.mark.nats
    async def test_postgresql_that_stops_makes_it_unavailable_until_it_is_back(
        self, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, nats_url: str
    ) -> None:
        server = PostgresServer(tmp_path_factory.mktemp("own-postgres"))
        await asyncio.to_thread(server.start)
        url = server.create_database()
        async with serving(tmp_path, database_url=url, nats_url=nats_url) as client:
            await says(client, 200, "ready")
            await asyncio.to_thread(server.stop)
            await says(client, 503, "unavailable", "database-away")
            await asyncio.to_thread(server.restart)
            await says(client, 200, "ready")

            def leads() -> bool:
                service = service_of(client)
                return service.clockwork.leading and service.bus.relay.leading

            await eventually(leads, what="relay and clockwork lead again")
        await asyncio.to_thread(server.stop)


class TestEvents:
    async def test_what_waits_too_long_what_died_and_what_is_missing_degrade(
        self, tmp_path: Path
    ) -> None:
        async with serving(tmp_path, role="web") as client:
            database = service_of(client).database
            now, subject = clock.now(), cleared("r").subject
            async with database.writing() as work:
                event = {"event_id": "e", "subject": subject, "about": "r", "headers": {}}
                old = now - dt.timedelta(minutes=2)
                row = insert(messaging.outbox).values(body=b"", created_at=old, **event)
                await work.session.execute(row)
            assert (await told(client))[2] == ["outbox-late"]
            async with database.writing() as work:
                refused = update(messaging.outbox).values(refused="APIError")
                await work.session.execute(refused)
                gap = {"subject": subject, "number": 3, "noticed_at": now, "asked_at": now}
                await work.session.execute(insert(messaging.gaps).values(gap))
                sealed = {"subject": subject, "day": now.date(), "first": 1, "last": 4}
                seal = insert(messaging.seals).values(digest="0" * 64, verdict="other", **sealed)
                await work.session.execute(seal)
            body = (await client.get("/health/ready")).json()
            assert body["reasons"] == ["outbox-refused", "gaps", "seals-differ"]
            assert (body["outbox_waiting"], body["gaps"]) == (0, 1)

    @pytest.mark.parametrize("once_more", [erase_it, send_it_again])
    async def test_what_is_to_leave_once_more_waits_since_then_and_not_since_it_was_made(
        self, tmp_path: Path, database_url: str, once_more: Callable[[Work], Awaitable[None]]
    ) -> None:
        async with serving(tmp_path, role="web", database_url=database_url) as client:
            database = service_of(client).database
            event = {"event_id": "e", "subject": cleared("r").subject, "about": "r", "number": 1}
            event |= {"headers": headers_for(cleared("r"), version=1), "body": b""}
            made = clock.now() - dt.timedelta(days=20)
            async with database.writing() as work:
                row = insert(messaging.outbox).values(created_at=made, published_at=made, **event)
                await work.session.execute(row)
            async with database.writing() as work:
                await once_more(work)
            body = (await client.get("/health/ready")).json()
            assert (body["outbox_waiting"], body["reasons"]) == (1, [])
            assert 0 <= body["outbox_age_seconds"] < 60
            with clock.frozen(clock.now() + dt.timedelta(minutes=2)):
                async with database.writing() as work:
                    await erase(work, "r")  # what waits already has waited since before
                assert (await told(client))[2] == ["outbox-late"]
