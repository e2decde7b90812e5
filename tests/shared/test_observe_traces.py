"""Spans of one question make one trace in every service, and say nothing but ids."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cri_shared.bus import consumer as consumer_module
from cri_shared.bus.dead_letters import Letter
from cri_shared.bus.envelope import headers_for
from cri_shared.clockwork import Clockwork, Job
from cri_shared.db import Work
from cri_shared.events.intake import QuestionCleared
from cri_shared.events.publishing import QuestionCovered
from cri_shared.events.research import CountryChanged, QuestionUnanswered
from cri_shared.observe.traces import beginning_of, open_traces, trace_of
from cri_shared.testing.collector import Collector, Seen
from cri_shared.testing.processes import free_port
from cri_shared.testing.waiting import eventually
from sqlalchemy import update

from tests.shared.toy import Handler, Toy, cleared, keep_effect, messaging, prepared, started

HANDLE, PUBLISH = f"handle {QuestionCleared.subject}", f"publish {QuestionCleared.subject}"


@pytest.fixture
def collector() -> Iterator[Collector]:
    one = Collector()
    yield one
    one.stop()


@dataclass
class Pair:
    """A toy intake that releases questions to a toy research, both traced."""

    intake: Toy
    research: Toy


@asynccontextmanager
async def pair(
    tmp_path: Path, nats_url: str, address: str, handler: Handler = keep_effect
) -> AsyncIterator[Pair]:
    """Both toys; when they have stopped, all spans are where they should be."""
    traces = [open_traces(name, f"{address}/v1/traces") for name in ("intake", "research")]
    urls = [f"sqlite+aiosqlite:///{tmp_path}/{name}.db" for name in ("intake", "research")]
    async with (
        started("intake", urls[0], nats_url, traces=traces[0]) as intake,
        started("research", urls[1], nats_url, handler, traces=traces[1]) as research,
    ):
        yield Pair(intake, research)
    for one in traces:
        await one.close()


async def tell_about_it(event: QuestionCleared, work: Work) -> None:
    """A handler that says something about the same question, and something about a country."""
    await keep_effect(event, work)
    await work.emit(QuestionUnanswered(research_id=event.research_id, reason="no_partner"))
    await work.emit(CountryChanged(country=event.country, partner_state="none"))


def named(spans: list[Seen], name: str) -> Seen:
    (found,) = [span for span in spans if span.name == name]
    return found


@pytest.mark.nats
class TestOneQuestion:
    async def test_it_is_one_trace_whose_spans_stand_below_each_other(
        self, tmp_path: Path, nats_url: str, collector: Collector
    ) -> None:
        async with pair(tmp_path, nats_url, collector.url, tell_about_it) as two:
            await two.intake.append(cleared("r-1"))
            await eventually(two.research.effects, what="heard")
            await eventually(two.research.all_left, what="told")
        spans = collector.spans
        published, handled = named(spans, PUBLISH), named(spans, HANDLE)
        told = named(spans, f"publish {QuestionUnanswered.subject}")
        assert {s.trace for s in (published, handled, told)} == {trace_of("r-1")}
        assert published.parent == ""
        assert (published.service, published.kind) == ("cri-intake", "PRODUCER")
        assert handled.parent == published.span
        assert (handled.service, handled.kind) == ("cri-research", "CONSUMER")
        assert told.parent == handled.span

    async def test_what_its_handler_says_about_something_else_is_another_trace(
        self, tmp_path: Path, nats_url: str, collector: Collector
    ) -> None:
        async with pair(tmp_path, nats_url, collector.url, tell_about_it) as two:
            await two.intake.append(cleared("r-1"))
            await eventually(two.research.effects, what="heard")
            await eventually(two.research.all_left, what="told")
        country = named(collector.spans, f"publish {CountryChanged.subject}")
        assert (country.trace, country.parent) == (trace_of("AM"), "")

    async def test_spans_carry_ids_and_nothing_else(
        self, tmp_path: Path, nats_url: str, collector: Collector
    ) -> None:
        async with pair(tmp_path, nats_url, collector.url) as two:
            await two.intake.append(cleared("r-1", "UNMISTAKABLE words"))
            await eventually(two.research.effects, what="heard")
        assert {span.name for span in collector.spans} == {PUBLISH, HANDLE}
        for span in collector.spans:
            event_id = span.told.pop("messaging.message.id")
            assert len(event_id) == 36
            assert span.told == {
                "messaging.system": "nats",
                "messaging.destination.name": QuestionCleared.subject,
                "cri.about": "r-1",
            }
        assert not any(b"UNMISTAKABLE" in body for body in collector.bodies)
        assert set(collector.paths) == {"/v1/traces"}

    async def test_each_try_is_a_span_with_the_kind_of_error_and_not_its_words(
        self,
        tmp_path: Path,
        nats_url: str,
        collector: Collector,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(consumer_module, "BACKOFF_SECONDS", (0.05,))
        tries: list[str] = []

        async def stumble(event: QuestionCleared, work: Work) -> None:
            tries.append(event.text)
            if len(tries) == 1:
                raise RuntimeError(f"cannot read {event.text}")
            await keep_effect(event, work)

        async with pair(tmp_path, nats_url, collector.url, stumble) as two:
            await two.intake.append(cleared("r-1", "UNMISTAKABLE words"))
            await eventually(two.research.effects, what="heard at the second try")
        handled = [span for span in collector.spans if span.name == HANDLE]
        assert [(s.failed, s.told.get("error.type")) for s in handled] == [
            (True, "RuntimeError"),
            (False, None),
        ]
        assert not any(b"UNMISTAKABLE" in body for body in collector.bodies)

    async def test_a_message_that_names_a_strange_trace_stays_in_its_own(
        self, tmp_path: Path, nats_url: str, collector: Collector
    ) -> None:
        async with pair(tmp_path, nats_url, collector.url) as two:
            async with two.intake.database.writing() as work:
                await work.emit(cleared("r-1"), version=1)
                table = messaging.outbox
                forged = {
                    **headers_for(cleared("r-1"), version=1),
                    "traceparent": f"00-{'a' * 32}-{'b' * 16}-01",
                }
                await work.session.execute(update(table).values(headers=forged))
            await eventually(two.research.effects, what="heard")
        assert {span.trace for span in collector.spans} == {trace_of("r-1")}
        assert named(collector.spans, PUBLISH).parent == ""


@pytest.mark.nats
class TestACollectorThatIsAway:
    @pytest.mark.parametrize("how", ["nobody listens", "it refuses"])
    async def test_nothing_is_lost_but_the_spans(
        self, how: str, tmp_path: Path, nats_url: str, collector: Collector
    ) -> None:
        collector.refuse = True
        address = collector.url if how == "it refuses" else f"http://127.0.0.1:{free_port()}"
        expected = [f"r-{n}" for n in range(50)]
        async with pair(tmp_path, nats_url, address) as two:
            await two.intake.append(*map(cleared, expected))

            async def all_there() -> bool:
                return sorted(await two.research.effects()) == sorted(expected)

            await eventually(all_there, what="50 effects")
            assert await two.research.dead() == 0
        assert collector.spans == []


class TestJobs:
    async def test_a_job_keyed_by_what_it_is_about_is_part_of_its_trace(
        self, tmp_path: Path, collector: Collector
    ) -> None:
        url, traces = f"sqlite+aiosqlite:///{tmp_path}/a.db", open_traces("research", collector.url)
        async with prepared("research", url, "nats://127.0.0.1:1") as toy:
            clockwork = Clockwork(toy.database, traces)

            async def tell(job: Job) -> None:
                async with toy.database.writing() as work:
                    await work.emit(QuestionUnanswered(research_id=job.key, reason="expired"))

            clockwork.handles("tell", tell, keyed_by_aggregate=True)
            clockwork.handles("mail", tell)
            async with toy.database.writing() as work:
                await clockwork.leave(work, "tell", "r-1")
                await clockwork.leave(work, "mail", "m-1")
            assert await clockwork.do_jobs() == 2
            await traces.close()
            headers = await appended(toy)
        (span,) = collector.spans
        assert (span.name, span.trace, span.parent) == ("do tell", trace_of("r-1"), "")
        assert span.told == {"cri.about": "r-1"}
        assert headers["r-1"]["traceparent"] == f"00-{span.trace}-{span.span}-01"
        assert headers["m-1"]["traceparent"] == beginning_of("m-1")


async def test_what_also_tells_about_questions_leaves_a_way_to_it_in_the_trace_of_each(
    tmp_path: Path, collector: Collector
) -> None:
    url, traces = f"sqlite+aiosqlite:///{tmp_path}/a.db", open_traces("research", collector.url)
    covered = QuestionCovered(research_ids=("r-1", "r-2"), entry_id="e-1", version=1, slug="s")
    headers = headers_for(covered, version=None)
    letter = Letter(headers["ce-id"], covered.subject, headers, covered.model_dump_json().encode())

    async def pass_over(_event: QuestionCovered, _work: Work) -> None:
        """Nothing to do."""

    async with prepared("research", url, "nats://127.0.0.1:1", traces=traces) as toy:
        toy.consumer.on(QuestionCovered)(pass_over)
        assert await toy.consumer.retry(letter)
    await traces.close()
    handled = named(collector.spans, f"handle {covered.subject}")
    touched = [s for s in collector.spans if s.name == f"touched by {covered.subject}"]
    assert handled.trace == trace_of("e-1")
    assert [(s.trace, s.parent, s.links) for s in touched] == [
        (trace_of(research_id), "", (handled.span,)) for research_id in ("r-1", "r-2")
    ]


async def appended(toy: Toy) -> dict[str, dict[str, str]]:
    """The headers of every event in a toy's outbox, by what it is about."""
    async with toy.database.reading() as session:
        rows = (await session.execute(messaging.outbox.select())).all()
    return {row.about: row.headers for row in rows}


async def test_what_does_not_look_like_an_id_stays_here(collector: Collector) -> None:
    traces = open_traces("research", collector.url)
    headers = {"ce-id": "e-1", "ce-subject": "Is there\ninsulin in Gyumri?"}
    with traces.handling("cri.intake.question.cleared.v1", headers):
        pass
    await traces.close()
    (span,) = collector.spans
    assert "cri.about" not in span.told
    assert not any(b"insulin" in body for body in collector.bodies)


async def test_an_answer_of_nats_ends_the_span_whatever_it_is(collector: Collector) -> None:
    traces = open_traces("research", collector.url)
    loop = asyncio.get_running_loop()
    answers: list[asyncio.Future[int]] = [loop.create_future() for _ in range(3)]
    for answer in answers:
        _, follow = traces.publishing("s", {"ce-subject": "r-1"})
        assert follow(answer) is answer
    answers[0].set_result(1)
    answers[1].set_exception(TimeoutError("words"))
    answers[2].cancel()
    await asyncio.wait(answers)
    await traces.close()
    kinds = sorted(span.told.get("error.type", "") for span in collector.spans)
    assert kinds == ["", "CancelledError", "TimeoutError"]
