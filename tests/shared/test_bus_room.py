"""How much a stream may hold is the operator's: more is given at once, and nothing is lost."""

from collections.abc import AsyncIterator

import nats
import pytest
from cri_shared.bus.topology import MB, HoldsMore, StreamRefused, provision, streams
from nats.js import JetStreamContext
from nats.js.errors import APIError

SUBJECT = "cri.intake.question.cleared.v1"
BODY = b"x" * 200_000
pytestmark = pytest.mark.nats


@pytest.fixture
async def js(nats_url: str) -> AsyncIterator[JetStreamContext]:
    """Streams with room for 64 MB each."""
    client = await nats.connect(nats_url)
    yield client.jetstream()
    await client.close()


async def rooms(js: JetStreamContext) -> set[int | None]:
    return {(await js.stream_info(str(one.name))).config.max_bytes for one in streams()}


async def filled(js: JetStreamContext) -> int:
    """How many events intake's stream took until it took no more; it has room for 8 MB now."""
    await provision(js, max_bytes=8 * MB)
    with pytest.raises(APIError, match="maximum bytes exceeded"):
        await _publish_for_ever(js)
    return (await js.stream_info("INTAKE")).state.messages


async def _publish_for_ever(js: JetStreamContext) -> None:
    while True:
        await js.publish(SUBJECT, BODY)


async def test_a_full_stream_that_is_given_more_room_goes_on_and_keeps_what_it_held(
    js: JetStreamContext,
) -> None:
    kept = await filled(js)
    done = await provision(js, max_bytes=16 * MB)
    assert {done[str(one.name)] for one in streams()} == {"updated"}
    assert (await js.publish(SUBJECT, BODY)).seq == kept + 1
    state = (await js.stream_info("INTAKE")).state
    assert (state.first_seq, state.messages) == (1, kept + 1)
    for number in (1, kept, kept + 1):
        assert (await js.get_msg("INTAKE", number)).data == BODY


async def test_what_an_operator_gave_stays_where_nobody_says_how_much(js: JetStreamContext) -> None:
    await provision(js, max_bytes=96 * MB)
    assert set((await provision(js)).values()) == {"unchanged"}
    assert await rooms(js) == {96 * MB}


async def test_less_than_a_stream_holds_is_refused_and_changes_none(js: JetStreamContext) -> None:
    kept = await filled(js)
    await provision(js, max_bytes=16 * MB)
    await js.publish(SUBJECT, BODY)
    await provision(js, max_bytes=32 * MB)
    words = "INTAKE holds 9 MB and would take no event more with 8 MB: nothing was changed"
    with pytest.raises(HoldsMore, match=words):
        await provision(js, max_bytes=8 * MB)
    assert await rooms(js) == {32 * MB}
    assert (await js.stream_info("INTAKE")).state.messages == kept + 1


async def test_less_is_given_where_it_is_enough(js: JetStreamContext) -> None:
    await js.publish(SUBJECT, BODY)
    await provision(js, max_bytes=8 * MB)
    assert await rooms(js) == {8 * MB}
    assert (await js.get_msg("INTAKE", 1)).data == BODY


async def test_what_the_server_does_not_have_is_said_in_its_words(js: JetStreamContext) -> None:
    with pytest.raises(StreamRefused, match=r"INTAKE with 9000 MB.*insufficient storage"):
        await provision(js, max_bytes=9000 * MB)
