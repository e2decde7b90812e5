"""Who looks now and then looks when the others do, and at once when there is something."""

import asyncio
import time

import pytest
from cri_shared import resting
from cri_shared.resting import rest


class TestRest:
    async def test_a_signal_ends_it(self) -> None:
        signal = asyncio.Event()
        resting_now = asyncio.create_task(rest(signal, 3600))
        await asyncio.sleep(0)
        assert not resting_now.done()
        signal.set()
        await asyncio.wait_for(resting_now, 30)

    @pytest.mark.parametrize(
        ("now", "left"), [(100.0, 10.0), (103.5, 6.5), (108.9, 1.1), (109.5, 10.5)]
    )
    async def test_it_ends_at_a_moment_that_all_share_and_never_twice_at_one(
        self, monkeypatch: pytest.MonkeyPatch, now: float, left: float
    ) -> None:
        asked: list[float] = []

        def over_at_once(seconds: float) -> asyncio.Timeout:
            asked.append(seconds)
            return asyncio.timeout_at(0)

        monkeypatch.setattr(resting.asyncio, "timeout", over_at_once)
        monkeypatch.setattr(time, "monotonic", lambda: now)
        await rest(asyncio.Event(), 10.0)
        assert asked == [pytest.approx(left)]
