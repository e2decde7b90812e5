"""Events travel through a real nats-server: nothing lost, no effect twice, in order."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import nats
import pytest
from cri_shared.bus import relay as relay_module
from cri_shared.bus.topology import durables, provision, streams
from cri_shared.db import Work
from cri_shared.errors import NotFound, Unavailable
from cri_shared.events.headers import NUMBER
from cri_shared.events.intake import QuestionCleared
from cri_shared.testing.disk import files_with
from cri_shared.testing.nats import NatsServer
from cri_shared.testing.waiting import eventually
from sqlalchemy import Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from tests.shared.toy import cleared, keep_effect, messaging, prepared, started

pytestmark = pytest.mark.nats


async def test_an_event_takes_effect_in_the_service_that_hears_it(
    nats_url: str, database_url: str, hearer_url: str
) -> None:
    async with (
        started("intake", database_url, nats_url) as intake,
        started("research", hearer_url, nats_url) as research,
    ):
        await intake.append(*(cleared(f"r{n}") for n in range(30)))
        expected = [f"r{n}" for n in range(30)]

        async def all_there() -> bool:
            return sorted(await research.effects()) == sorted(expected)

        await eventually(all_there, what="30 effects")
        assert await intake.waiting() == 0


async def test_events_about_one_question_keep_their_order(
    nats_url: str, database_url: str, hearer_url: str
) -> None:
    seen: list[str] = []

    async def remember(event: QuestionCleared, work: Work) -> None:
        await asyncio.sleep(0)
        seen.append(event.text)

    async with (
        started("intake", database_url, nats_url) as intake,
        started("research", hearer_url, nats_url, remember),
    ):
        await intake.append(*(cleared("same", f"text {n}") for n in range(40)))
        await eventually(lambda: len(seen) == 40, what="40 events")
    assert seen == [f"text {n}" for n in range(40)]


async def test_what_is_committed_while_nats_is_down_arrives_when_it_is_back(
    database_url: str, hearer_url: str, own_nats: NatsServer
) -> None:
    own_nats.kill()
    async with (
        started("intake", database_url, own_nats.url) as intake,
        started("research", hearer_url, own_nats.url) as research,
    ):
        await intake.append(cleared("while-down"))
        assert not intake.bus.connected
        assert await intake.waiting() == 1
        own_nats.start()
        await eventually(research.effects, timeout=30, what="effect after the outage")
        own_nats.kill()
        await eventually(lambda: not intake.bus.connected, what="loss of NATS noticed")
        await intake.append(cleared("second-outage"))
        own_nats.start()

        async def both() -> bool:
            return await research.effects() == ["while-down", "second-outage"]

        await eventually(both, timeout=30, what="effect after the second outage")


async def test_a_message_that_comes_twice_has_one_effect(
    nats_url: str, database_url: str, hearer_url: str
) -> None:
    async with prepared("intake", database_url, nats_url) as intake:
        await intake.append(cleared("once"))
        async with (
            started("intake", database_url, nats_url),
            started("research", hearer_url, nats_url) as research,
        ):
            await eventually(research.effects, what="first effect")
            # The stream forgets duplicates after ten minutes; the inbox must not need it.
            client = await nats.connect(nats_url)
            message = await client.jetstream().get_msg("INTAKE", 1)
            headers = dict(message.headers or {})
            headers["Nats-Msg-Id"] = "another"
            await client.jetstream().publish(str(message.subject), message.data, headers=headers)
            await intake.append(cleared("after"))

            async def after_came() -> bool:
                return "after" in await research.effects()

            await eventually(after_came, what="a later event")
            assert await research.effects() == ["once", "after"]
            await client.close()


async def test_a_handler_that_fails_for_a_while_is_tried_again(
    nats_url: str, database_url: str, hearer_url: str
) -> None:
    tries: list[int] = []

    async def flaky(event: QuestionCleared, work: Work) -> None:
        tries.append(1)
        await keep_effect(event, work)
        if len(tries) < 2:
            raise RuntimeError("not yet")

    async with (
        started("intake", database_url, nats_url) as intake,
        started("research", hearer_url, nats_url, flaky) as research,
    ):
        await intake.append(cleared("flaky"))
        await eventually(research.effects, what="effect of the second try")
        assert await research.effects() == ["flaky"]
        assert await research.dead() == 0


async def test_a_part_that_is_away_delays_a_message_and_does_not_bury_it(
    nats_url: str, database_url: str, hearer_url: str
) -> None:
    tries: list[int] = []

    async def waiting_for_a_part(event: QuestionCleared, work: Work) -> None:
        tries.append(1)
        if len(tries) < 2:
            raise Unavailable
        await keep_effect(event, work)

    async with (
        started("intake", database_url, nats_url) as intake,
        started("research", hearer_url, nats_url, waiting_for_a_part) as research,
    ):
        await intake.append(cleared("delayed"))
        await eventually(research.effects, what="effect once the part is back")
        assert await research.dead() == 0


async def test_a_message_that_can_never_be_handled_is_buried_sealed_and_retried_by_command(
    nats_url: str, database_url: str, hearer_url: str, tmp_path: Path
) -> None:
    broken = True

    async def refusing(event: QuestionCleared, work: Work) -> None:
        if broken:
            raise NotFound
        await keep_effect(event, work)

    async with (
        started("intake", database_url, nats_url) as intake,
        started("research", hearer_url, nats_url, refusing) as research,
    ):
        await intake.append(cleared("buried", "UNMISTAKABLE-TEXT"), cleared("next"))
        await eventually(lambda: _count(research, 2), what="two dead letters")
        async with research.database.reading() as session:
            rows = await research.letters.listed(session)
            letters = [await research.letters.open(session, row.event_id) for row in rows]
        assert {row.reason for row in rows} == {"not-found"}
        letter = next(one for one in letters if one and one.headers["ce-subject"] == "buried")
        assert b"UNMISTAKABLE-TEXT" in letter.body
        # on PostgreSQL the seal is the same
        assert files_with(tmp_path, "UNMISTAKABLE-TEXT") == []
        broken = False
        assert await research.consumer.retry(letter)
        assert not await research.consumer.retry(letter), "the second retry has no effect"
        assert await research.effects() == ["buried"]


async def test_a_body_that_breaks_the_contract_is_buried_at_once(
    nats_url: str, database_url: str
) -> None:
    async with started("research", database_url, nats_url) as research:
        client = await nats.connect(nats_url)
        js = client.jetstream()
        good = {"ce-id": "e1", "ce-type": QuestionCleared.subject, "ce-subject": "x"}
        await js.publish(QuestionCleared.subject, b"not json at all", headers=good)
        schema = {**good, "ce-id": "e2"}
        await js.publish(QuestionCleared.subject, b'{"research_id": "x"}', headers=schema)
        await js.publish(QuestionCleared.subject, b"{}")
        await eventually(lambda: _count(research, 3), what="three dead letters")
        async with research.database.reading() as session:
            reasons = {row.event_id: row.reason for row in await research.letters.listed(session)}
        assert "text: missing" in reasons["e2"]
        await client.close()


async def test_an_event_type_of_a_newer_release_is_passed_over(
    nats_url: str, database_url: str
) -> None:
    async with started("research", database_url, nats_url) as research:
        client = await nats.connect(nats_url)
        newer = {"ce-id": "e9", "ce-type": "cri.intake.question.painted.v1", "ce-subject": "x"}
        # The durable's filter hears the subject; only the type inside is new.
        await client.jetstream().publish(QuestionCleared.subject, b"{}", headers=newer)

        async def in_inbox() -> bool:
            async with research.database.reading() as session:
                ids = await session.execute(select(messaging.inbox.c.event_id))
                return "e9" in ids.scalars().all()

        await eventually(in_inbox, what="the newer event noted")
        assert await research.dead() == 0
        await client.close()


async def test_numbers_are_gapless_and_survive_republishing(
    nats_url: str, database_url: str
) -> None:
    async with started("intake", database_url, nats_url) as intake:
        await intake.append(*(cleared(f"r{n}") for n in range(5)))
        await eventually(lambda: _none_waiting(intake), what="published")
        async with intake.database.writing() as work:
            await work.session.execute(update(messaging.outbox).values(published_at=None))
            work.after_commit(intake.database.outbox.wake)
        await intake.append(cleared("r5"))
        await eventually(lambda: _none_waiting(intake), what="published again")
    client = await nats.connect(nats_url)
    js = client.jetstream()
    count = (await js.stream_info("INTAKE")).state.messages
    assert count == 6, "the stream dropped what it had seen"
    numbers = [
        int((await js.get_msg("INTAKE", sequence)).headers[NUMBER])  # type: ignore[index]
        for sequence in range(1, 7)
    ]
    assert numbers == [1, 2, 3, 4, 5, 6]
    await client.close()


@pytest.mark.parametrize("point", ["relay.numbered", "relay.published", "relay.recorded"])
async def test_a_row_that_another_process_commits_in_the_middle_of_a_batch_leaves_too(
    nats_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    """Nothing more is committed then: it must not need another one to be seen."""
    file = tmp_path / "a.db"
    outbox = messaging.outbox

    def commit(at: str) -> None:
        if at == point:
            with closing(sqlite3.connect(file)) as other, other:
                other.execute("UPDATE outbox SET refused = NULL")

    monkeypatch.setattr(relay_module, "reached", commit)
    async with prepared("intake", f"sqlite+aiosqlite:///{file}", nats_url) as web:
        await web.append(cleared("first"), cleared("second"))
        async with web.database.writing() as work:
            second = update(outbox).where(outbox.c.about == "second")
            await work.session.execute(second.values(refused="not yet"))
        async with started("intake", web.database.url, nats_url):
            await eventually(web.all_left, what="both published")


async def test_two_relays_publish_each_event_once_and_in_order(
    nats_url: str, database_url: str
) -> None:
    async with (
        started("intake", database_url, nats_url) as one,
        started("intake", database_url, nats_url) as two,
    ):
        await eventually(lambda: one.bus.relay.leading or two.bus.relay.leading, what="a leader")
        for n in range(60):
            await (one if n % 2 else two).append(cleared(f"r{n}"))
        await eventually(lambda: _none_waiting(one), what="all published")
        assert one.bus.relay.leading != two.bus.relay.leading
        leader, heir = (one, two) if one.bus.relay.leading else (two, one)
        await leader.bus.relay.stop()
        await heir.append(cleared("r60"))
        await eventually(lambda: _none_waiting(heir), what="the heir published")
    client = await nats.connect(nats_url)
    js = client.jetstream()
    state = (await js.stream_info("INTAKE")).state
    order = [(await js.get_msg("INTAKE", s)).headers["ce-subject"] for s in range(1, 62)]  # type: ignore[index]
    assert state.messages == 61
    assert order == [f"r{n}" for n in range(61)]
    await client.close()


async def test_provisioning_twice_changes_nothing_and_corrects_what_drifted(nats_url: str) -> None:
    client = await nats.connect(nats_url)
    js = client.jetstream()
    again = await provision(js, max_bytes=64 << 20)
    assert set(again.values()) == {"unchanged"}
    stream = next(s for s in streams(64 << 20) if s.name == "INTAKE")
    await js.update_stream(stream.evolve(max_age=3600.0))
    corrected = await provision(js, max_bytes=64 << 20)
    assert corrected.pop("INTAKE") == "updated"
    assert set(corrected.values()) == {"unchanged"}
    assert len(again) == len(list(streams())) + len(list(durables()))
    await client.close()


async def test_headers_are_cloudevents_and_tell_nothing_of_the_request(
    nats_url: str, database_url: str
) -> None:
    async with started("intake", database_url, nats_url) as intake:
        await intake.append(cleared("r1"))
        await eventually(lambda: _none_waiting(intake), what="published")
    client = await nats.connect(nats_url)
    message = await client.jetstream().get_msg("INTAKE", 1)
    headers = dict(message.headers or {})
    assert headers["ce-type"] == headers_type() == message.subject
    assert headers["Nats-Msg-Id"] == headers["ce-id"]
    assert headers["correlation_id"] == "r1"
    assert headers["ce-source"] == "/cri/intake"
    await client.close()


def headers_type() -> str:
    return QuestionCleared.subject


async def _count(toy: object, wanted: int) -> bool:
    return await toy.dead() == wanted  # type: ignore[attr-defined]


async def _none_waiting(toy: object) -> bool:
    return await toy.waiting() == 0  # type: ignore[attr-defined]


async def test_what_commits_while_others_get_their_numbers_gets_its_own_in_the_next_batch(
    nats_url: str, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with prepared("intake", database_url, nats_url) as intake:
        await intake.append(cleared("first"))
        waiting, late = intake.bus.relay._waiting, ["second", "third"]

        async def waiting_and_one_more(connection: AsyncConnection) -> list[Row[Any]]:
            rows = await waiting(connection)
            if late:
                await intake.append(cleared(late.pop(0)))
            return rows

        monkeypatch.setattr(intake.bus.relay, "_waiting", waiting_and_one_more)
        intake.bus.start()

        async def all_out() -> bool:
            return not late and await intake.waiting() == 0

        await eventually(all_out, what="three events published")
        await intake.bus.stop()
    client = await nats.connect(nats_url)
    js = client.jetstream()
    heads = [(await js.get_msg("INTAKE", seq=seq)).headers or {} for seq in (1, 2, 3)]
    assert [head[NUMBER] for head in heads] == ["1", "2", "3"]
    await client.close()
