"""The headers of every event: what relays send, hearers read, from release to release."""

import json
from pathlib import Path
from typing import Any

import nats
import pytest
from cri_shared import clock
from cri_shared.bus.envelope import earlier, number_of
from cri_shared.events.headers import AFTER, ERASED, Headers
from cri_shared.events.intake import QuestionCleared
from cri_shared.testing.waiting import eventually
from hypothesis import given
from sqlalchemy import update

from tests.contracts.drawing import drawn_from, same_dice
from tests.contracts.released import HEADERS, HERE, breaks, must_fit
from tests.shared.toy import Toy, cleared, messaging, started

RELEASED = json.loads(HEADERS.read_text())
GOLDEN: dict[str, dict[str, str]] = json.loads((HERE / "envelope" / "golden.json").read_text())
QUESTION = QuestionCleared.subject


def test_the_headers_only_grew() -> None:
    assert breaks(RELEASED, Headers.model_json_schema()) == []


@pytest.mark.parametrize("headers", GOLDEN.values(), ids=list(GOLDEN))
class TestGoldenHeaders:
    def test_they_fit_what_was_released_and_are_still_read(self, headers: dict[str, str]) -> None:
        must_fit(RELEASED)(headers)
        read = Headers.model_validate(headers)
        assert read.model_dump(by_alias=True, exclude_none=True) == headers

    def test_the_number_is_read(self, headers: dict[str, str]) -> None:
        assert number_of(headers) == int(headers["cri-seq"])

    def test_a_header_of_a_newer_release_is_ignored(self, headers: dict[str, str]) -> None:
        assert Headers.model_validate(headers | {"cri-later": "1"}) == Headers.model_validate(
            headers
        )


def test_what_came_before_is_read() -> None:
    assert earlier(GOLDEN["one that follows two others, published again"]) == {
        QUESTION: 41,
        "cri.intake.clarification.given.v1": 9,
    }


@same_dice
@given(drawn_from(RELEASED))
def test_whatever_the_release_before_may_send_is_read(headers: dict[str, str]) -> None:
    assert number_of(headers) == int(headers["cri-seq"])
    assert len(earlier(headers)) <= headers.get(AFTER, "").count("=")
    assert Headers.model_validate(headers).model_dump(by_alias=True, exclude_none=True) == headers


@pytest.mark.nats
async def test_what_a_relay_sends_fits_what_was_released(nats_url: str, tmp_path: Path) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/intake.db"
    async with started("intake", url, nats_url) as intake:
        await intake.append(cleared("r1"), cleared("r1", "Is there a bus to it?"))
        await _published(intake)
        async with intake.database.writing() as work:
            again = {"published_at": None, "copies": 1, "erased_at": clock.now()}
            await work.session.execute(update(messaging.outbox).values(**again))
            work.after_commit(intake.database.outbox.wake)
        await _published(intake)
    sent = await _sent(nats_url)
    for headers in sent:
        must_fit(RELEASED)(headers)
    assert [headers.get(AFTER) for headers in sent] == [None, f"{QUESTION}=1"] * 2
    assert [headers.get(ERASED) for headers in sent] == [None, None, "1", "1"]


async def _published(intake: Toy) -> None:
    async def none_waits() -> bool:
        return await intake.waiting() == 0

    await eventually(none_waits, what="published")


async def _sent(nats_url: str) -> list[dict[str, Any]]:
    client = await nats.connect(nats_url)
    js = client.jetstream()
    last = (await js.stream_info("INTAKE")).state.last_seq
    messages = [await js.get_msg("INTAKE", sequence) for sequence in range(1, last + 1)]
    await client.close()
    return [dict(message.headers or {}) for message in messages]
