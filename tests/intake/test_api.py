"""Partner organisations post questions: exactly once, and nobody reads another's."""

import asyncio
import datetime as dt
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import AsyncMock

import pytest
from cri_intake.models import ApiKey, Case
from cri_shared import clock
from cri_shared.testing.attempts import refused_at
from cri_shared.testing.disk import files_with
from sqlalchemy import func, select, update
from sqlalchemy.exc import TimeoutError as PoolTimeout

from tests.intake.conftest import QUESTION, Intake, started

KEY = "a-key-of-16-chars"


async def cases(intake: Intake) -> int:
    async with intake.rig.service.database.reading() as session:
        return (await session.execute(select(func.count()).select_from(Case))).scalar_one()


class TestRecording:
    async def test_a_question_is_recorded_and_gets_a_receipt(self, intake: Intake) -> None:
        answer = await intake.post(KEY)
        assert answer.status_code == 201
        body = answer.json()
        assert body["status"] == "received"
        assert len(body["receipt"].replace(" ", "")) == 18
        assert body["receipt"].replace(" ", "") not in body["follow_url"]
        assert (await intake.get(f"/questions/{body['question_id']}")).json()["country"] == "AM"

    async def test_dari_has_one_tag(self, intake: Intake) -> None:
        answer = await intake.post(KEY, language="prs")
        assert answer.status_code == 201
        async with intake.rig.service.database.reading() as session:
            case = await session.get(Case, answer.json()["question_id"])
        assert case is not None
        assert case.language == "fa-AF"

    async def test_what_the_asker_wrote_lies_sealed_in_every_file(self, intake: Intake) -> None:
        await intake.post(KEY)
        secrets = ("Examplyan", "karen@example.org", "OUR-REF-77")
        assert files_with(intake.directory, *secrets) == []


class TestRepeats:
    async def test_the_same_request_again_gets_the_same_answer(self, intake: Intake) -> None:
        first = await intake.post(KEY)
        again = await intake.post(KEY)
        assert again.status_code == 201
        assert again.content == first.content
        assert again.headers["Idempotent-Replayed"] == "true"
        assert "Idempotent-Replayed" not in first.headers
        assert await cases(intake) == 1

    async def test_another_question_under_the_same_key_is_refused(self, intake: Intake) -> None:
        await intake.post(KEY)
        other = await intake.post(KEY, country="NP")
        assert other.status_code == 422
        assert other.json()["type"] == "idempotency-key-reused"

    async def test_a_thousand_repeats_at_once_make_one_case(
        self, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        how = {
            "database_url": database_url,
            "database_pool_seconds": 100,
        }  # the machine may be slow
        async with started(tmp_path, **how) as intake:
            make = AsyncMock(side_effect=intake.rig.keys.create_many)
            monkeypatch.setattr(intake.rig.keys, "create_many", make)
            answers = await asyncio.gather(*(intake.post(KEY) for _ in range(1000)))
            assert {a.status_code for a in answers} == {201}
            assert len({a.content for a in answers}) == 1
            assert await cases(intake) == 1
            assert make.await_count == 1, "those that repeat it stand in nobody's way"

    async def test_where_the_first_one_fails_another_makes_the_case(
        self, intake: Intake, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        cases_ahead = intake.rig.ahead["case"]
        take, tries = cases_ahead.take, count(1)

        async def refused_once() -> tuple[str, bytes]:
            if next(tries) == 1:
                raise PoolTimeout("others wrote for too long")
            return await take()

        monkeypatch.setattr(cases_ahead, "take", refused_once)
        answers = await asyncio.gather(intake.post(KEY), intake.post(KEY))
        assert sorted(a.status_code for a in answers) == [201, 503]
        assert await cases(intake) == 1

    async def test_two_organisations_may_use_the_same_key(self, intake: Intake) -> None:
        await intake.post(KEY)
        intake.key = await intake.another_key("CIRE")
        assert "Idempotent-Replayed" not in (await intake.post(KEY)).headers
        assert await cases(intake) == 2

    @pytest.mark.parametrize("key", [None, "", "short", "x" * 65, "with spaces in the key"])
    async def test_a_key_is_mandatory(self, intake: Intake, key: str | None) -> None:
        answer = await intake.post(key)
        assert answer.status_code == 422
        assert answer.json()["type"] == "idempotency-key-missing"
        assert await cases(intake) == 0


class TestBadInput:
    @pytest.fixture
    def database_url(self, tmp_path: Path) -> str:
        return f"sqlite+aiosqlite:///{tmp_path}/service.db"

    @pytest.mark.parametrize(
        ("changed", "pointer"),
        [
            ({"country": "QQ"}, "/country"),
            ({"country": ...}, "/country"),
            ({"text": "short"}, "/text"),
            ({"text": "x" * 6001}, "/text"),
            ({"needed_by": "2020-01-01"}, "/needed_by"),
            ({"needed_by": "soon"}, "/needed_by"),
            ({"topics": ["health.unknown"]}, "/topics"),
            ({"asker_role": "somebody"}, "/asker_role"),
            ({"contact": {"email": "no-address"}}, "/contact/email"),
            ({"status": "answered"}, "/status"),
            ({"consent": ...}, "/consent"),
        ],
    )
    async def test_the_field_is_named_and_its_content_is_not_repeated(
        self, intake: Intake, changed: dict[str, object], pointer: str
    ) -> None:
        answer = await intake.post(KEY, **changed)
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"
        assert pointer in [error["pointer"] for error in answer.json()["errors"]]
        for typed in ("Examplyan", "no-address", "somebody", "xxxx"):
            assert typed not in answer.text

    @pytest.mark.parametrize("body", [b"{not json", b"\xff\xfe"])
    async def test_what_is_not_json_is_refused(self, intake: Intake, body: bytes) -> None:
        headers = {"Authorization": f"Bearer {intake.key}", "Idempotency-Key": KEY}
        answer = await intake.client.post(
            "/api/v1/questions",
            content=body,
            headers=headers | {"Content-Type": "application/json"},
        )
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["message"] == "This is not JSON."

    async def test_a_body_of_fifty_megabytes_is_refused_unread(self, intake: Intake) -> None:
        headers = {"Authorization": f"Bearer {intake.key}", "Idempotency-Key": KEY}
        answer = await intake.client.post(
            "/api/v1/questions", content=b"x" * 50_000_000, headers=headers
        )
        assert answer.status_code == 413


class TestKeys:
    @pytest.fixture
    def database_url(self, tmp_path: Path) -> str:
        return f"sqlite+aiosqlite:///{tmp_path}/service.db"

    @pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", "Basic abc", "Bearer cri_a_b_c"])
    async def test_without_a_valid_key_nothing_is_read(self, intake: Intake, header: str) -> None:
        answer = await intake.client.get("/api/v1/questions", headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.json()["type"] == "api-key-unknown"

    async def test_a_revoked_or_old_key_opens_nothing(self, intake: Intake) -> None:
        assert (await intake.get("/questions")).status_code == 200
        with clock.frozen(clock.now() + dt.timedelta(days=181)):
            assert (await intake.get("/questions")).status_code == 401
        async with intake.rig.service.database.writing() as work:
            await work.session.execute(update(ApiKey).values(revoked_at=clock.now()))
        assert (await intake.get("/questions")).status_code == 401

    async def test_another_organisations_question_does_not_exist(self, intake: Intake) -> None:
        question_id = (await intake.post(KEY)).json()["question_id"]
        other = await intake.another_key("CIRE")
        for path in (f"/questions/{question_id}", "/questions/no-such-question"):
            answer = await intake.get(path, other)
            assert answer.status_code == 404
        assert (await intake.get("/questions", other)).json()["questions"] == []
        (((kind, about), tries),) = (await refused_at(intake.rig.service)).items()
        assert (kind, len(about), tries) == ("thing.refused", len(question_id), 2)


class TestReading:
    async def test_pages_hold_every_case_once(self, intake: Intake) -> None:
        for n in range(53):
            await intake.post(f"{KEY}-{n}")
        first = (await intake.get("/questions")).json()
        second = (await intake.get(f"/questions?cursor={first['next_cursor']}")).json()
        ids = [q["question_id"] for q in first["questions"] + second["questions"]]
        assert len(ids) == len(set(ids)) == 53
        assert second["next_cursor"] is None

    @pytest.mark.parametrize("cursor", ["nonsense", "MjAyNnx4", "%00"])
    async def test_a_cursor_that_is_not_ours_is_refused(self, intake: Intake, cursor: str) -> None:
        assert (await intake.get(f"/questions?cursor={cursor}")).status_code == 422

    async def test_messages_come_back_to_their_organisation(self, intake: Intake) -> None:
        question_id = (await intake.post(KEY)).json()["question_id"]
        headers = {"Authorization": f"Bearer {intake.key}"}
        path = f"/api/v1/questions/{question_id}/messages"

        async def write(text: str, key: str | None = KEY) -> tuple[int, str | None]:
            named = headers | ({"Idempotency-Key": key} if key else {})
            answer = await intake.client.post(path, json={"text": text}, headers=named)
            return answer.status_code, answer.json().get("type")

        assert [await write("He moved.") for _ in range(2)] == [(201, None)] * 2
        assert await write("He stayed.") == (422, "idempotency-key-reused")
        assert await write("He stayed.", None) == (422, "idempotency-key-missing")
        assert await write("") == (422, "invalid")
        assert await write("He moved.", KEY + "-2") == (201, None)
        shown = (await intake.get(f"/questions/{question_id}")).json()
        assert [m["text"] for m in shown["messages"]] == ["He moved."] * 2

    async def test_countries_and_topics_can_be_listed(self, intake: Intake) -> None:
        countries = (await intake.client.get("/api/v1/countries")).json()
        topics = (await intake.client.get("/api/v1/topics")).json()
        assert len(countries) == 25
        assert {"XK", "CD"} <= {c["code"] for c in countries}
        assert "health.medication" in {t["code"] for t in topics}

    @pytest.mark.parametrize("path", ["countries", "topics"])
    async def test_who_has_these_lists_does_not_get_them_again(
        self, intake: Intake, path: str
    ) -> None:
        first = await intake.client.get(f"/api/v1/{path}")
        assert first.headers["cache-control"].startswith("public, max-age=")
        tag = {"If-None-Match": first.headers["etag"]}
        assert (await intake.client.get(f"/api/v1/{path}", headers=tag)).status_code == 304


def test_the_sample_names_a_person_so_that_the_sweep_means_something() -> None:
    assert "Examplyan" in QUESTION["text"]


class TestLimits:
    async def test_a_key_has_a_limit_per_minute_and_repeats_do_not_count(
        self, intake: Intake
    ) -> None:
        intake.rig.settings.key_per_minute = 2
        with clock.frozen(dt.datetime(2026, 11, 25, 10, 0, 5, tzinfo=dt.UTC)):
            for n in (1, 2, 1, 1, 2):
                assert (await intake.post(f"{KEY}-{n}")).status_code == 201
            refused = await intake.post(f"{KEY}-3")
            assert refused.status_code == 429
            assert refused.json()["type"] == "too-many-questions"
            assert await cases(intake) == 2
            intake.key = await intake.another_key("CIRE")
            assert (await intake.post(f"{KEY}-4")).status_code == 201
        with clock.frozen(dt.datetime(2026, 11, 25, 10, 1, 5, tzinfo=dt.UTC)):
            assert (await intake.post(f"{KEY}-5")).status_code == 201

    async def test_a_key_has_a_limit_per_day(self, intake: Intake) -> None:
        intake.rig.settings.key_per_day = 1
        assert (await intake.post(f"{KEY}-1")).status_code == 201
        assert (await intake.post(f"{KEY}-2")).status_code == 429
        with clock.frozen(clock.now() + dt.timedelta(days=1)):
            assert (await intake.post(f"{KEY}-3")).status_code == 201

    async def test_what_is_over_is_forgotten_and_its_key_may_be_used_again(
        self, intake: Intake
    ) -> None:
        await intake.post(KEY)
        with clock.frozen(clock.now() + dt.timedelta(days=4)):
            await intake.rig.service.clockwork.do_duties(all_now=True)
            again = await intake.post(KEY, needed_by=None)
            assert again.status_code == 201
            assert "Idempotent-Replayed" not in again.headers


class TestBatch:
    async def send(self, intake: Intake, *rows: dict[str, object], key: str | None = KEY) -> Any:
        headers = {"Authorization": f"Bearer {intake.key}"}
        if key:
            headers["Idempotency-Key"] = key
        body = {"questions": rows}
        return await intake.client.post("/api/v1/questions/batch", json=body, headers=headers)

    async def test_each_row_has_its_own_result(self, intake: Intake) -> None:
        wrong = QUESTION | {"country": "QQ"}
        answer = await self.send(intake, QUESTION, wrong, QUESTION)
        assert answer.status_code == 200
        results = answer.json()["results"]
        assert [r["status"] for r in results] == [201, 422, 201]
        assert [r["row"] for r in results] == [1, 2, 3]
        assert results[1]["errors"][0]["pointer"] == "/country"
        assert "Examplyan" not in answer.text
        assert await cases(intake) == 2

    async def test_sending_it_again_records_nothing_twice(self, intake: Intake) -> None:
        first = (await self.send(intake, QUESTION, QUESTION)).json()["results"]
        mended = QUESTION | {"country": "NP"}
        again = (await self.send(intake, QUESTION, mended, QUESTION)).json()["results"]
        assert again[0]["question"] == first[0]["question"]
        assert again[0]["replayed"] is True
        assert again[1]["type"] == "idempotency-key-reused"
        assert again[2]["status"] == 201
        assert await cases(intake) == 3

    async def test_rows_beyond_the_days_limit_are_refused_one_by_one(self, intake: Intake) -> None:
        intake.rig.settings.key_batch_per_day = 2
        results = (await self.send(intake, QUESTION, QUESTION, QUESTION)).json()["results"]
        assert [r["status"] for r in results] == [201, 201, 429]

    async def test_too_many_rows_or_none_are_refused(self, intake: Intake) -> None:
        assert (await self.send(intake)).status_code == 422
        assert (await self.send(intake, *[QUESTION] * 501)).status_code == 422
        assert (await self.send(intake, QUESTION, key=None)).status_code == 422
        assert await cases(intake) == 0
