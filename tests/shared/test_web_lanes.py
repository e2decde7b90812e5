"""Who is too fast waits; nobody is refused for an address, and guesses have a pace together."""

import datetime as dt
from dataclasses import dataclass, field

import pytest
from cri_shared import clock
from cri_shared.errors import Busy
from cri_shared.web import lanes as module
from cri_shared.web.lanes import Guarded, Lane, Lanes, Pace, Turns
from fastapi import Request

ASKING = Lane("asking", each=Pace(5, 60.0), longest=5.0)
NUMBERS = Guarded("numbers", each=Pace(5, 6.0), longest=20.0, all=Pace(20, 3.0))
CENTRE = "192.0.2.1"


def request_from(host: str) -> Request:
    return Request({"type": "http", "client": (host, 1), "headers": []})


@dataclass
class Time:
    """A clock that only moves when somebody waits or the test says so."""

    now: float = 1000.0
    waits: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)

    def lanes(self, processes: int = 1) -> Lanes:
        return Lanes(processes, Turns(lambda: self.now), self.sleep)


@pytest.fixture
def time() -> Time:
    return Time()


class TestSlow:
    async def test_five_pass_at_once_and_the_others_wait_and_pass_too(self, time: Time) -> None:
        lanes = time.lanes()
        for _ in range(100):
            await lanes.slow(ASKING, request_from(CENTRE))
        assert time.waits == [5.0] * 95

    async def test_other_addresses_and_other_doors_do_not_wait(self, time: Time) -> None:
        lanes = time.lanes()
        for _ in range(6):
            await lanes.slow(ASKING, request_from(CENTRE))
        time.waits.clear()
        await lanes.slow(ASKING, request_from("192.0.2.2"))
        await lanes.slow(Lane("other", ASKING.each, 5.0), request_from(CENTRE))
        assert time.waits == []

    async def test_after_a_while_nobody_waits_any_more(self, time: Time) -> None:
        lanes = time.lanes()
        for _ in range(20):
            await lanes.slow(ASKING, request_from(CENTRE))
        time.now += 60.0 * 6
        time.waits.clear()
        await lanes.slow(ASKING, request_from(CENTRE))
        assert time.waits == []

    async def test_this_machine_itself_never_waits(self, time: Time) -> None:
        lanes = time.lanes()
        for _ in range(20):
            await lanes.slow(ASKING, request_from("127.0.0.1"))
        assert time.waits == []

    async def test_a_home_of_many_addresses_is_one_visitor(self, time: Time) -> None:
        lanes = time.lanes()
        for number in range(6):
            await lanes.slow(ASKING, request_from(f"2001:db8::{number}:1"))
        assert time.waits == [5.0]
        await lanes.slow(ASKING, request_from("2001:db8:0:1::1"))
        assert time.waits == [5.0]

    async def test_no_address_is_kept_and_tomorrow_it_is_another_hash(self, time: Time) -> None:
        lanes = time.lanes()
        await lanes.slow(ASKING, request_from(CENTRE))
        assert CENTRE not in repr(lanes)
        with clock.frozen(clock.now() + dt.timedelta(days=1)):
            await lanes.slow(ASKING, request_from(CENTRE))
        assert len({who for _, who in lanes.turns._free_at}) == 2

    async def test_memory_has_an_end(self, time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "MAX_LANES", 50)
        lanes = time.lanes()
        for number in range(200):
            await lanes.slow(ASKING, request_from(f"198.51.100.{number}"))
        assert len(lanes.turns._free_at) == 50

    async def test_when_too_many_wait_the_next_is_asked_to_come_again(
        self, time: Time, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(module, "MAX_WAITING", 0)
        lanes = time.lanes()
        for _ in range(5):
            await lanes.slow(ASKING, request_from(CENTRE))
        with pytest.raises(Busy):
            await lanes.slow(ASKING, request_from(CENTRE))


class TestTrying:
    async def tried(self, time: Time, lanes: Lanes, host: str, *, right: bool = False) -> float:
        """How long a try waited."""
        time.waits.clear()
        async with lanes.trying(NUMBERS, request_from(host)) as attempt:
            attempt.succeeded = right
        return sum(time.waits)

    async def test_no_more_than_twenty_a_minute_however_many_addresses(self, time: Time) -> None:
        lanes = time.lanes()
        made = 0
        for number in range(3000):
            try:
                await self.tried(time, lanes, f"198.51.{number % 100}.{number // 100}")
                made += 1
            except Busy:
                time.now += 1.0
        minutes = (time.now - 1000.0) / 60
        assert made <= 21 + 20 * minutes + NUMBERS.longest / 3
        assert made > 15 * minutes

    async def test_one_address_does_not_take_the_turns_of_all(self, time: Time) -> None:
        lanes = time.lanes()
        for _ in range(50):
            try:
                await self.tried(time, lanes, CENTRE)
            except Busy:
                continue
        assert await self.tried(time, lanes, "192.0.2.2") == 0.0

    async def test_who_succeeds_does_not_count(self, time: Time) -> None:
        lanes = time.lanes()
        assert [await self.tried(time, lanes, CENTRE, right=True) for _ in range(100)] == [
            0.0
        ] * 100

    async def test_a_failure_on_our_side_counts(self, time: Time) -> None:
        lanes = time.lanes()
        for _ in range(5):
            with pytest.raises(RuntimeError):
                async with lanes.trying(NUMBERS, request_from(CENTRE)):
                    raise RuntimeError
        assert await self.tried(time, lanes, CENTRE) == 6.0

    async def test_processes_share_what_holds_for_all(self, time: Time) -> None:
        lanes = time.lanes(processes=4)
        waits = [await self.tried(time, lanes, f"192.0.2.{number}") for number in range(6)]
        assert waits == [0.0] * 5 + [12.0]
