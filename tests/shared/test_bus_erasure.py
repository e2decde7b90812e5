"""What is erased is gone from outboxes and streams, and its number still counts."""

import asyncio
import contextlib
from typing import Any

import pytest
from cri_shared import clock
from cri_shared.bus.erasure import Erased, erase
from cri_shared.bus.lag import lag_of
from cri_shared.bus.numbering import Numbered
from cri_shared.db import Work
from cri_shared.events.headers import AFTER, ERASED, Headers
from cri_shared.events.intake import QuestionCleared
from cri_shared.testing.waiting import eventually

from tests.shared.erasing import (
    SUBJECT,
    erased,
    heard_numbers,
    jobs,
    messages_in,
    publish_and_die,
    published,
    rows,
    settled,
)
from tests.shared.toy import cleared, messaging, prepared, started

pytestmark = pytest.mark.nats
NOTHING = Erased(events=0, copies=0, letters=0)


class TestErase:
    async def test_a_tombstone_stands_for_each_event_and_for_no_other(
        self, nats_url: str, database_url: str
    ) -> None:
        async with started("intake", database_url, nats_url) as intake:
            await published(intake, "q1", "q2", "q1", "q3")
            assert await erased(intake, "q1") == Erased(events=2, copies=2, letters=0)
            messages = await settled(intake, nats_url, "q1")
            told = [dict(message.headers or {}) for message in messages]
            numbers = {headers["cri-seq"]: ERASED in headers for headers in told}
            assert numbers == {"1": True, "2": False, "3": True, "4": False}
            stones = [one for one in told if ERASED in one]
            for headers in stones:
                Headers.model_validate(headers)
                assert headers["ce-subject"] == headers["ce-id"]
                assert AFTER not in headers
            kept = [row for row in await rows(intake) if row.erased_at]
            assert [(row.body, row.about) for row in kept] == [(b"", s["ce-id"]) for s in stones]
            assert await jobs(intake) == (0 if intake.database.is_sqlite else 1)

    async def test_doing_it_again_does_nothing_and_says_so(
        self, nats_url: str, database_url: str
    ) -> None:
        async with started("intake", database_url, nats_url) as intake:
            await published(intake, "q1")
            assert not (await erased(intake, "q1")).nothing
            await settled(intake, nats_url, "q1")
            before = await rows(intake)
            assert await erased(intake, "q1") == NOTHING
            assert (await erased(intake, "never-heard-of")).nothing
            assert await rows(intake) == before

    async def test_what_never_left_leaves_as_a_tombstone(
        self, nats_url: str, database_url: str
    ) -> None:
        async with prepared("intake", database_url, nats_url) as intake:
            await intake.append(cleared("q1"), cleared("q1"), cleared("q2"))
            assert await erased(intake, "q1") == Erased(events=2, copies=0, letters=0)
            intake.bus.start()
            messages = await settled(intake, nats_url, "q1")
            assert [ERASED in (m.headers or {}) for m in messages] == [True, True, False]
            assert [AFTER in (m.headers or {}) for m in messages] == [False, False, False]
            await intake.bus.stop()

    async def test_what_is_rolled_back_was_not_erased(self, database_url: str) -> None:
        async with prepared("intake", database_url, "nats://127.0.0.1:1") as intake:
            await intake.append(cleared("q1"))
            before = await rows(intake)
            with contextlib.suppress(ZeroDivisionError):
                async with intake.database.writing() as work:
                    await erase(work, "q1")
                    raise ZeroDivisionError
            assert await rows(intake) == before

    async def test_an_empty_id_would_be_everybodys(self, database_url: str) -> None:
        async with prepared("intake", database_url, "nats://127.0.0.1:1") as intake:
            with pytest.raises(ValueError, match="has an id"):
                await erased(intake, "")


MOMENTS = ["before they have numbers", "before they are published", "before that is recorded"]


class TestWhileTheRelayPublishes:
    @pytest.mark.parametrize("moment", MOMENTS)
    async def test_tombstones_follow_and_the_copies_go(
        self, nats_url: str, database_url: str, moment: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        async with prepared("intake", database_url, nats_url) as intake:
            done: list[Erased] = []
            publish, numbering = intake.bus.relay._publish, intake.bus.relay._numbering
            number = numbering.give

            async def at(this: str) -> None:
                if this == moment and not done:
                    done.append(await erased(intake, "q1"))

            async def numbered(*of: Any) -> list[Numbered]:
                await at(MOMENTS[0])
                return await number(*of)

            async def interrupted(client: Any, numbered: list[Numbered]) -> list[Any]:
                await at(MOMENTS[1])
                answers = await publish(client, numbered)
                await at(MOMENTS[2])
                return answers

            monkeypatch.setattr(numbering, "give", numbered)
            monkeypatch.setattr(intake.bus.relay, "_publish", interrupted)
            await intake.append(cleared("q0"), cleared("q1"), cleared("q1"), cleared("q2"))
            intake.bus.start()
            messages = await settled(intake, nats_url, "q1")
            await intake.bus.stop()
            assert done == [Erased(events=2, copies=0, letters=0)]
            told = {(m.headers or {})["cri-seq"]: ERASED in (m.headers or {}) for m in messages}
            assert told == {"1": False, "2": True, "3": True, "4": False}
            kept = await rows(intake)
            assert [row.number for row in kept] == [1, 2, 3, 4]
            assert [AFTER in row.headers or "q1" in str(row.headers) for row in kept] == [False] * 4

    async def test_what_a_relay_published_that_then_died_is_found_and_goes(
        self, nats_url: str, database_url: str
    ) -> None:
        async with prepared("intake", database_url, nats_url) as intake:
            await intake.append(cleared("q1"), cleared("q2"))
            await publish_and_die(intake, nats_url)
            assert len(await messages_in(nats_url)) == 2
            assert await erased(intake, "q1") == Erased(events=1, copies=0, letters=0)
            intake.bus.start()
            messages = await settled(intake, nats_url, "q1")
            await intake.bus.stop()
            told = sorted((m.headers or {})["cri-seq"] for m in messages)
            assert told == ["1", "2"]

    async def test_it_goes_where_the_one_that_published_the_tombstone_died_as_well(
        self, nats_url: str, database_url: str
    ) -> None:
        async with prepared("intake", database_url, nats_url) as intake:
            await intake.append(cleared("q1"))
            await publish_and_die(intake, nats_url)
        async with prepared("intake", database_url, nats_url) as intake:
            await erased(intake, "q1")
            await publish_and_die(intake, nats_url)
            assert len(await messages_in(nats_url)) == 2
        async with started("intake", database_url, nats_url) as intake:
            assert len(await settled(intake, nats_url, "q1")) == 1


class TestHearers:
    async def test_one_that_was_away_hears_the_tombstone_and_misses_nothing(
        self, nats_url: str, database_url: str, hearer_url: str
    ) -> None:
        async with started("intake", database_url, nats_url) as intake:
            await published(intake, "q1", "q2", "q1")
            await erased(intake, "q1")
            await settled(intake, nats_url, "q1")
            async with started("research", hearer_url, nats_url) as research:

                async def all_heard() -> bool:
                    return len(await heard_numbers(research)) == 3

                await eventually(all_heard, what="two tombstones and an event")
                assert await research.effects() == ["q2"]
                assert await heard_numbers(research) == [1, 2, 3]

                async def caught_up() -> bool:
                    return (await lag_of("research", research.bus.client))["intake"] == 0

                await eventually(caught_up, what="nothing waits in the stream")
                async with research.database.writing() as work:
                    assert await research.upkeep.gaps.look(work) == 0

    async def test_a_tombstone_takes_the_dead_letter_with_it(
        self, nats_url: str, database_url: str, hearer_url: str
    ) -> None:
        async def refuses(event: QuestionCleared, work: Work) -> None:
            raise ValueError(event.research_id)

        async with (
            started("intake", database_url, nats_url) as intake,
            started("research", hearer_url, nats_url, refuses) as research,
        ):
            await published(intake, "q1", "q2")

            async def buried() -> bool:
                return await research.dead() == 2

            await eventually(buried, what="two dead letters")
            await erased(intake, "q1")

            async def gone() -> bool:
                return await research.dead() == 1

            await eventually(gone, what="one letter is gone")
            (letter,) = await rows(research, messaging.dead_letters)
            assert letter.about == "q2"
            assert await heard_numbers(research) == [1], "its number counts as heard"

    async def test_what_is_erased_while_it_fails_is_not_buried(
        self, nats_url: str, database_url: str, hearer_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        failing, go_on, buried = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def fails(event: QuestionCleared, work: Work) -> None:
            failing.set()
            await go_on.wait()
            raise ValueError(event.research_id)

        async with (
            started("intake", database_url, nats_url) as intake,
            started("research", hearer_url, nats_url, fails) as research,
        ):
            bury = research.consumer._bury

            async def heard() -> bool:
                return bool(await heard_numbers(research))

            async def late(*letter: Any) -> None:
                await eventually(heard, what="the tombstone, in the other process")
                await bury(*letter)
                buried.set()

            monkeypatch.setattr(research.consumer, "_bury", late)
            await published(intake, "q1")
            await failing.wait()
            await erased(intake, "q1")
            go_on.set()
            async with started("research", hearer_url, nats_url):
                await buried.wait()
            assert await rows(research, messaging.dead_letters) == []
            assert await heard()

    async def test_own_letters_about_it_are_dropped_and_count_as_heard(
        self, nats_url: str, database_url: str
    ) -> None:
        async with prepared("research", database_url, nats_url) as research:
            letters = messaging.dead_letters
            async with research.database.writing() as work:
                for number, about in enumerate(("q1", "q1", "q2"), 1):
                    await work.session.execute(
                        letters.insert().values(
                            event_id=f"e{number}", subject=SUBJECT, number=number, about=about,
                            stream_sequence=number, tries=6, reason="x", letter=b"",
                            died_at=clock.now(),
                        )
                    )  # fmt: skip
            assert await erased(research, "q1") == Erased(events=0, copies=0, letters=2)
            assert [letter.about for letter in await rows(research, letters)] == ["q2"]
            async with research.database.writing() as work:
                assert await research.upkeep.gaps.look(work) == 0
