"""Metrics say what is so now, are documented each, and are for who was named only."""

import math
import re
from pathlib import Path

import cri_intake.actions.figures  # noqa: F401 - the one metric of a single service
import httpx
import nats
import pytest
from cri_shared.bus import consumer as consumer_module
from cri_shared.bus.lag import lag_of
from cri_shared.events.intake import QuestionCleared
from cri_shared.testing.nats import NatsServer
from cri_shared.testing.waiting import eventually
from cri_shared.web.health import rules
from prometheus_client import REGISTRY
from prometheus_client.parser import text_string_to_metric_families

from tests.shared.toy import Toy, cleared, keep_effect, prepared, started
from tests.shared.toy_web import serving

PAGE = (Path(__file__).parents[2] / "shared" / "OBSERVING.md").read_text()
SUBJECT = QuestionCleared.subject
Samples = dict[tuple[str, str], float]


async def scraped(client: httpx.AsyncClient) -> Samples:
    """(name, value of its first label) -> value, of all that Prometheus would keep."""
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    return {
        (sample.name, next(iter(sample.labels.values()), "")): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def counted(name: str, **labels: str) -> float:
    """A counter of this process, which all its tests share."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


class TestDocumentation:
    async def test_every_metric_is_on_the_page_and_every_one_on_the_page_is_there(
        self, tmp_path: Path
    ) -> None:
        rows = re.findall(r"^\| `(cri_\w+)` \| (\w+) \|", PAGE, re.MULTILINE)
        async with serving(tmp_path, role="web") as client:
            text = (await client.get("/metrics")).text
        shown = re.findall(r"^# TYPE (\w+) (\w+)$", text, re.MULTILINE)
        assert dict(rows) == {name: kind for name, kind in shown if name.startswith("cri_")}
        others = {name.split("_")[0] for name, _ in shown} - {"cri"}
        assert others == {"process", "python"}

    @pytest.mark.parametrize("metric", [m for m in REGISTRY.collect() if m.name[:4] == "cri_"])
    def test_its_labels_are_on_the_page(self, metric: object) -> None:
        name = metric.name  # type: ignore[attr-defined]
        row = re.search(rf"^\| `{name}(?:_total)?` \| \w+ \| ([\w, ]*)\|", PAGE, re.MULTILINE)
        assert row is not None
        collector = REGISTRY._names_to_collectors[name]
        assert tuple(re.findall(r"\w+", row[1])) == collector._labelnames  # type: ignore[attr-defined]

    def test_every_reason_is_on_the_page(self) -> None:
        source = Path(rules.__file__).read_text()
        reasons = set(re.findall(r'"((?:pool|nats|relay|clockwork|outbox|seals)-[a-z]+)"', source))
        reasons |= {"database-away", "keys-away", "identity-away", "index-away", "nats-away"}
        reasons |= {"nats-not-provisioned", "opening-waits", "dead-letters", "gaps"}
        assert len(reasons) == 16
        assert set(re.findall(r"\| `([a-z-]+)` \| (?:un|deg)", PAGE)) == reasons


@pytest.mark.nats
class TestEvents:
    async def test_each_message_counts_with_its_outcome_its_time_and_its_tries(
        self, tmp_path: Path, nats_url: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(consumer_module, "BACKOFF_SECONDS", (0.05,))
        names = {
            "done": ("cri_events_consumed_total", {"subject": SUBJECT, "outcome": "done"}),
            "failed": ("cri_events_consumed_total", {"subject": SUBJECT, "outcome": "failed"}),
            "again": ("cri_events_redelivered_total", {"subject": SUBJECT}),
            "timed": ("cri_event_seconds_count", {"subject": SUBJECT}),
        }
        before = {key: counted(name, **labels) for key, (name, labels) in names.items()}
        tries: list[str] = []

        async def stumble(event: QuestionCleared, work: object) -> None:
            tries.append(event.research_id)
            if tries == ["r-1"]:
                raise RuntimeError
            await keep_effect(event, work)  # type: ignore[arg-type]

        async with (
            started("intake", f"sqlite+aiosqlite:///{tmp_path}/a.db", nats_url) as intake,
            started("research", f"sqlite+aiosqlite:///{tmp_path}/b.db", nats_url, stumble) as toy,
        ):
            await intake.append(cleared("r-1"))
            await eventually(toy.effects, what="the second try")

            def changes() -> dict[str, float]:
                now = {key: counted(name, **labels) for key, (name, labels) in names.items()}
                return {key: now[key] - before[key] for key in names}

            expected = {"done": 1, "failed": 1, "again": 1, "timed": 2}
            await eventually(lambda: changes() == expected, what=f"{expected}")

    async def test_lag_tells_what_waits_and_who_leads(self, tmp_path: Path, nats_url: str) -> None:
        url = f"sqlite+aiosqlite:///{tmp_path}/intake.db"
        async with prepared("intake", url, nats_url) as intake:
            await published(intake)
        client = await nats.connect(nats_url)
        assert (await lag_of("research", client))["intake"] == 5
        await client.close()
        async with serving(tmp_path, nats_url=nats_url) as client:

            async def settled() -> bool:
                seen = await scraped(client)
                return {
                    seen.get(("cri_events_lag", "intake")),
                    seen[("cri_relay_leading", "")] - 1,
                    seen[("cri_clockwork_leading", "")] - 1,
                    seen[("cri_bus_connected", "")] - 1,
                    seen[("cri_part_ready", "nats")] - 1,
                } == {0.0}

            await eventually(settled, what="everything taken in, and leading")


async def published(intake: Toy) -> None:
    """Put five events into intake's stream."""
    await intake.append(*(cleared(f"r-{n}") for n in range(5)))
    intake.bus.start()

    async def none_waiting() -> bool:
        return await intake.waiting() == 0

    await eventually(none_waiting, what="published")
    await intake.bus.stop()


class TestScrape:
    async def test_what_the_database_says_has_a_row_for_each_producer(self, tmp_path: Path) -> None:
        async with serving(tmp_path, role="web") as client:
            seen = await scraped(client)
        for name in ("cri_dead_letters_waiting", "cri_event_gaps", "cri_seals_differing"):
            assert {label for n, label in seen if n == name} >= {"intake", "publishing"}
            assert seen[(name, "intake")] == 0
        assert seen[("cri_outbox_waiting", "")] == 0
        assert seen[("cri_audit_unsealed", "")] == 0
        assert not [name for name, _ in seen if name == "cri_events_lag"]

    async def test_it_answers_while_the_database_is_away_and_invents_nothing(
        self, tmp_path: Path
    ) -> None:
        async with serving(tmp_path, role="web") as client:
            (tmp_path / "research.db").unlink()
            seen = await scraped(client)
        assert math.isnan(seen[("cri_outbox_waiting", "")])
        assert not [name for name, _ in seen if name == "cri_dead_letters_waiting"]
        assert seen[("cri_part_ready", "database")] == 0

    @pytest.mark.nats
    async def test_it_answers_while_nats_is_frozen_and_tells_no_old_lag(
        self, tmp_path: Path, own_nats: NatsServer
    ) -> None:
        async with serving(tmp_path, nats_url=own_nats.url) as client:

            async def lag_is_known() -> bool:
                return ("cri_events_lag", "intake") in await scraped(client)

            await eventually(lag_is_known, what="lag")
            own_nats.pause()
            assert not await lag_is_known()
            own_nats.resume()
            await eventually(lag_is_known, what="lag again")

    async def test_machines_that_are_not_named_and_what_came_through_a_proxy_get_nothing(
        self, tmp_path: Path
    ) -> None:
        async with serving(tmp_path, role="web", metrics_networks="198.51.100.0/24") as client:
            app = client._transport.app  # type: ignore[attr-defined]
            named = httpx.ASGITransport(app=app, client=("198.51.100.9", 50_000))
            async with httpx.AsyncClient(transport=named, base_url=client.base_url) as monitor:
                assert (await monitor.get("/metrics")).status_code == 200
                passed_on = await monitor.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"})
                assert passed_on.status_code == 404
            far = httpx.ASGITransport(app=app, client=("192.0.2.7", 50_000))
            async with httpx.AsyncClient(transport=far, base_url=client.base_url) as other:
                assert (await other.get("/metrics")).status_code == 404
            for header in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
                answer = await client.get("/metrics", headers={header: "for=192.0.2.7"})
                assert answer.status_code == 404
