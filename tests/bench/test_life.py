"""The row of life, for some seconds: everybody finds what they came for, and all is measured."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.bench.living.watch import Vitals, Watch, slope
from tests.bench.load import Result
from tests.bench.rows.life import Lived, Plan, live, rows
from tests.forking import Forge

SERVICES = ("intake", "research", "publishing", "search", "training")


@pytest.fixture
def forge() -> Iterator[Forge]:
    """What starts the processes; the long run starts them by their commands."""
    started = Forge()
    yield started
    started.close()


@pytest.mark.journey
@pytest.mark.nats
@pytest.mark.timeout(240)
async def test_everybody_uses_all_five_services_at_once(tmp_path: Path, forge: Forge) -> None:
    lived = await live(Plan(0.25, rate=3.0, entries=200, every=0.5), tmp_path, forge)
    assert lived.failures == {}
    assert lived.posted.statuses == {"201": len(lived.posted.latencies)}
    took = zip(lived.posted.once_sent, lived.posted.latencies, strict=True)
    assert all(once_sent <= latency for once_sent, latency in took)
    assert lived.searched.statuses == {"200": len(lived.searched.latencies)}
    assert lived.done["released"] > 0
    assert lived.done["signed up"] > 0
    assert lived.vitals.memory.keys() == {*SERVICES, "cri-index", "nats-server"}
    assert lived.grown["intake"] > 0
    shares = lived.vitals.shares()
    assert shares.keys() == lived.vitals.memory.keys()
    assert 0 < shares["intake"] < os.cpu_count()
    told = {row.what for row in rows(lived)}
    assert any(what.startswith("intake: desk") for what in told)
    assert any(what.startswith("research: partner's page") for what in told)


def lived(**changed: object) -> Lived:
    """A run in which all went as it should."""
    good = Lived(Plan(rate=2.0), posted=Result(10.0, [5.0] * 20, [5.0] * 20, {"201": 20}))
    for name, value in changed.items():
        setattr(good, name, value)
    return good


def over(run: Lived) -> list[str]:
    """What of a run is over its limit."""
    return [row.what.partition(":")[0] for row in rows(run) if row.over]


def test_a_machine_that_is_too_slow_is_told_so() -> None:
    assert over(lived()) == []
    slow = Result(10.0, [5.0] * 12, [5.0] * 12, {"201": 12})
    assert over(lived(posted=slow)) == ["life, sqlite, 10 minutes"]


def test_what_the_service_took_is_told_beside_what_waited_to_be_sent() -> None:
    late = Result(10.0, [90_000.0] * 20, [40.0] * 20, {"201": 20})
    told = {row.what.partition(": p99")[0]: row.measured for row in rows(lived(posted=late))}
    assert told["intake: API: a question"] == 90_000.0
    assert told["intake: API: a question, once it was sent"] == 40.0


def test_an_answer_that_is_an_error_of_ours_is_a_failure() -> None:
    watch = Watch()
    watch.note("intake", "/console/questions", 200, 0.1)
    assert over(lived(watch=watch)) == []
    watch.note("intake", "/console/questions/abc/desk", 503, 0.1)
    assert over(lived(watch=watch)) == ["failures"]
    refused = Result(10.0, [5.0] * 21, [5.0] * 21, {"201": 20, "429": 1})
    assert over(lived(posted=refused)) == ["failures"]


def test_memory_that_goes_on_growing_is_a_leak() -> None:
    vitals = Vitals(at=[float(n) for n in range(600)])
    vitals.memory["intake"] = [100.0 + n / 100 for n in range(600)]  # 36 MB in an hour
    vitals.memory["search"] = [min(200.0, 100.0 + n) for n in range(600)]  # while it warms up
    assert over(lived(vitals=vitals)) == []
    vitals.memory["intake"] = [100.0 + n / 50 for n in range(600)]
    assert over(lived(vitals=vitals)) == ["intake"]
    assert over(lived(vitals=vitals, plan=Plan(minutes=1.0, rate=2.0))) == []


def test_a_slope_is_of_what_came_after_the_warm_up() -> None:
    assert slope([0.0, 1.0, 2.0, 3.0, 4.0], [0.0, 50.0, 60.0, 61.0, 62.0]) == pytest.approx(1.0)
    assert slope([0.0], [10.0]) == 0.0
