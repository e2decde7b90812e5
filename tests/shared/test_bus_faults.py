"""Processes and servers are killed at the worst moment: nothing is lost, no effect comes twice."""

import asyncio
import shutil
import signal
import sys
from pathlib import Path

import nats
import pytest
from cri_shared.bus import consumer as consumer_module
from cri_shared.bus.topology import stream_of, streams
from cri_shared.db import Work
from cri_shared.errors import Unavailable
from cri_shared.events.intake import QuestionCleared
from cri_shared.testing.nats import NatsServer, fresh_streams
from cri_shared.testing.postgres import PostgresServer
from cri_shared.testing.processes import Child
from cri_shared.testing.waiting import eventually
from nats.js.api import ConsumerConfig
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from tests.shared.toy import cleared, keep_effect, messaging, prepared, started

pytestmark = pytest.mark.nats
A_DAY = 86_400.0  # longer than any of these tests may wait


def process(service: str, url: str, nats_url: str, mark: Path) -> Child:
    command = [sys.executable, "-m", "tests.shared.toy_consumer", service, url, nats_url, str(mark)]
    return Child(command, mark.with_suffix(".log"))


async def acknowledge_soon(nats_url: str, seconds: float) -> None:
    """Let the server redeliver what a dead process held after seconds instead of half a minute."""
    client = await nats.connect(nats_url)
    js = client.jetstream()
    config: ConsumerConfig = (await js.consumer_info("INTAKE", "research")).config
    await js.add_consumer("INTAKE", config.evolve(ack_wait=seconds))
    await client.close()


async def test_a_hearer_killed_in_the_middle_of_a_message_gets_it_again_with_one_effect(
    nats_url: str, database_url: str, hearer_url: str, tmp_path: Path
) -> None:
    await acknowledge_soon(nats_url, 1.0)
    mark = tmp_path / "mark"
    async with (
        prepared("research", hearer_url, nats_url),
        started("intake", database_url, nats_url) as intake,
    ):
        await intake.append(cleared("killed", "stuck"))
        child = process("research", hearer_url, nats_url, mark)
        await eventually(mark.exists, timeout=30, what="the handler reached")
        child.stop(signal.SIGKILL)
        async with started("research", hearer_url, nats_url) as research:
            await eventually(research.effects, timeout=30, what="effect in the next process")
            await intake.append(cleared("later"))

            async def later() -> bool:
                return "later" in await research.effects()

            await eventually(later, what="a later event")
            assert await research.effects() == ["killed", "later"]


async def test_a_relay_takes_over_when_the_leading_process_is_killed(
    nats_url: str, database_url: str, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    async with prepared("intake", database_url, nats_url):
        child = process("intake", database_url, nats_url, mark)
        leads = mark.with_suffix(".leads")
        await eventually(leads.exists, timeout=30, what="the child leads")
        async with started("intake", database_url, nats_url) as heir:
            await heir.append(cleared("r1"))
            await eventually(heir.all_left, what="published by the child")
            assert not heir.bus.relay.leading
            child.stop(signal.SIGKILL)
            await heir.append(cleared("r2"))
            await eventually(heir.all_left, what="published by the heir")
            assert heir.bus.relay.leading


async def test_a_database_that_is_down_only_delays_and_buries_nothing(
    nats_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumer_module, "BACKOFF_SECONDS", (0.05,))
    tries: list[int] = []

    async def locked(event: QuestionCleared, work: Work) -> None:
        tries.append(1)
        if len(tries) <= consumer_module.MAX_TRIES + 2:
            raise OperationalError("", {}, Exception("database is locked"))
        await keep_effect(event, work)

    async with (
        started("intake", f"sqlite+aiosqlite:///{tmp_path}/a.db", nats_url) as intake,
        started("research", f"sqlite+aiosqlite:///{tmp_path}/b.db", nats_url, locked) as research,
    ):
        await intake.append(cleared("patient"))
        await eventually(research.effects, timeout=30, what="effect after the outage")
        assert await research.dead() == 0


async def test_a_database_that_is_back_is_not_waited_for_any_longer(
    nats_url: str, database_url: str, hearer_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However long it was away; and what failed meanwhile is no try of the message."""
    monkeypatch.setattr(consumer_module, "BACKOFF_SECONDS", (0.05, 0.05, 0.05, A_DAY))
    tries: list[int] = []

    async def away(event: QuestionCleared, work: Work) -> None:
        tries.append(1)
        if len(tries) <= consumer_module.MAX_TRIES + 2:
            raise OperationalError("", {}, Exception("database is locked"))
        if len(tries) <= consumer_module.MAX_TRIES + 4:
            raise Unavailable
        await keep_effect(event, work)

    async with (
        started("intake", database_url, nats_url) as intake,
        started("research", hearer_url, nats_url, away) as research,
    ):
        await intake.append(cleared("patient"))
        await eventually(research.effects, timeout=30, what="effect after the outage")
        assert await research.dead() == 0


@pytest.mark.postgres
async def test_events_wait_while_postgresql_is_down_and_take_effect_once(
    nats_url: str,
    tmp_path: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(consumer_module, "BACKOFF_SECONDS", (0.1,))
    server = PostgresServer(tmp_path_factory.mktemp("own-postgres"))
    server.start()
    url = server.create_database()
    async with (
        started("intake", f"sqlite+aiosqlite:///{tmp_path}/a.db", nats_url) as intake,
        started("research", url, nats_url) as research,
    ):
        await intake.append(cleared("before"))
        await eventually(research.effects, what="effect before")
        await asyncio.to_thread(server.stop)
        await intake.append(cleared("meanwhile"))
        await eventually(intake.all_left, what="published")
        await asyncio.to_thread(server.restart)

        async def both() -> bool:
            return await research.effects() == ["before", "meanwhile"]

        await eventually(both, timeout=30, what="effect after the outage")
        assert await research.dead() == 0
    await asyncio.to_thread(server.stop)


async def test_what_waits_leaves_when_streams_that_were_lost_are_made_anew(
    database_url: str, hearer_url: str, own_nats: NatsServer
) -> None:
    async with (
        started("intake", database_url, own_nats.url) as intake,
        started("research", hearer_url, own_nats.url) as research,
    ):
        await intake.append(cleared("before"))
        await eventually(research.effects, what="effect before")
        own_nats.kill()
        shutil.rmtree(own_nats.store)
        await intake.append(cleared("meanwhile"))
        own_nats.start()
        await eventually(lambda: intake.bus.connected, timeout=30, what="connected")
        assert await intake.waiting() == 1
        await fresh_streams(own_nats.url)

        async def both() -> bool:
            return await research.effects() == ["before", "meanwhile"]

        await eventually(both, timeout=30, what="effect by the new streams")


async def test_a_row_that_nats_refuses_is_parked_and_does_not_block_those_behind_it(
    nats_url: str, database_url: str
) -> None:
    client = await nats.connect(nats_url)
    js = client.jetstream()
    stream = next(one for one in streams(64 << 20) if one.name == stream_of("intake"))
    await js.update_stream(stream.evolve(max_msg_size=4096))
    async with started("intake", database_url, nats_url) as intake:
        await intake.append(cleared("large", "x" * 5_500), cleared("small"))

        async def outcomes() -> list[tuple[bool, str | None]]:
            table = messaging.outbox
            async with intake.database.reading() as session:
                rows = (await session.execute(select(table).order_by(table.c.id))).all()
            return [(row.published_at is not None, row.refused) for row in rows]

        async def settled() -> bool:
            return [bool(p or r) for p, r in await outcomes()] == [True, True]

        await eventually(settled, what="both rows settled")
        (large, small) = await outcomes()
        assert large[0] is False
        assert large[1]
        assert small == (True, None)
    await client.close()


async def test_a_row_that_cannot_be_opened_is_parked_and_the_relay_goes_on(
    nats_url: str, tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/a.db"
    async with prepared("intake", url, nats_url) as intake:
        await intake.append(cleared("broken"), cleared("good"))
        table = messaging.outbox
        async with intake.database.writing() as work:
            first = update(table).where(table.c.about == "broken")
            await work.session.execute(first.values(body=b"not sealed"))
        async with started("intake", url, nats_url):

            async def good_is_out() -> bool:
                async with intake.database.reading() as session:
                    rows = await session.execute(select(table).order_by(table.c.id))
                    broken, good = rows.all()
                return broken.refused == "Unreadable" and good.published_at is not None

            await eventually(good_is_out, what="the good row published")


async def test_starting_a_hearer_changes_no_stream(nats_url: str, tmp_path: Path) -> None:
    client = await nats.connect(nats_url)
    js = client.jetstream()
    before = [one.config for one in await js.streams_info()]
    durable = (await js.consumer_info("INTAKE", "research")).config
    async with started("research", f"sqlite+aiosqlite:///{tmp_path}/b.db", nats_url) as research:
        await eventually(lambda: research.bus.connected, what="connected")
    assert [one.config for one in await js.streams_info()] == before
    assert (await js.consumer_info("INTAKE", "research")).config == durable
    await client.close()


async def test_stopping_lets_the_message_at_hand_finish(nats_url: str, tmp_path: Path) -> None:
    reached, go_on = asyncio.Event(), asyncio.Event()

    async def slow(event: QuestionCleared, work: Work) -> None:
        reached.set()
        await go_on.wait()
        await keep_effect(event, work)

    async with (
        started("intake", f"sqlite+aiosqlite:///{tmp_path}/a.db", nats_url) as intake,
        prepared("research", f"sqlite+aiosqlite:///{tmp_path}/b.db", nats_url, slow) as research,
    ):
        research.bus.start()
        await intake.append(cleared("at-hand"))
        await asyncio.wait_for(reached.wait(), 20)
        stopping = asyncio.create_task(research.bus.stop())
        await asyncio.sleep(0)
        go_on.set()
        await stopping
        assert await research.effects() == ["at-hand"]
        client = await nats.connect(nats_url)
        state = await client.jetstream().consumer_info("INTAKE", "research")
        assert state.num_ack_pending == 0
        await client.close()


async def test_stopping_while_the_server_is_gone_ends_quietly_with_words_left_unsent(
    tmp_path: Path, own_nats: NatsServer
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/a.db"
    async with prepared("research", url, own_nats.url, keep_effect) as research:
        research.bus.start()
        await eventually(lambda: research.bus.connected, what="connected")
        own_nats.kill()
        client = research.bus.client
        assert client is not None
        await eventually(lambda: client.is_reconnecting, what="the loss noticed")
        await client.publish("toy.unsent", b"kept by the library until it is back")
        await research.bus.stop()
        assert client.is_closed


async def test_a_frozen_server_is_noticed_and_what_waits_arrives_when_it_thaws(
    tmp_path: Path, own_nats: NatsServer
) -> None:
    async with (
        started("intake", f"sqlite+aiosqlite:///{tmp_path}/a.db", own_nats.url) as intake,
        started("research", f"sqlite+aiosqlite:///{tmp_path}/b.db", own_nats.url) as research,
    ):
        await eventually(lambda: intake.bus.connected and research.bus.connected, what="connected")
        own_nats.pause()
        await intake.append(cleared("frozen"))
        assert await intake.waiting() == 1
        own_nats.resume()
        await eventually(research.effects, timeout=30, what="effect after the frost")
        assert await research.effects() == ["frozen"]
