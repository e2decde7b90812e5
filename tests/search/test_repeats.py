"""What many ask at the same moment is worked out once, and never shown when it has changed."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from cri_search.repeats import MOST
from cri_shared.events.publishing import EntryWithdrawn
from cri_shared.index.port import Page, Query, SearchUnavailable
from cri_shared.testing.waiting import eventually

from tests.search.conftest import Search

ASKED = "/api/v1/search?q=insulin"


@contextmanager
def counted(search: Search, *, fail: int = 0, hold: asyncio.Event | None = None) -> Iterator[list]:
    """The searches that reach the index; the first `fail` fail, and all wait for `hold`."""
    real, seen = search.rig.index.search, []

    async def counting(query: Query) -> Page:
        seen.append(query)
        if hold is not None:
            await hold.wait()
        if len(seen) <= fail:
            raise SearchUnavailable
        return await real(query)

    search.rig.index.search = counting  # type: ignore[method-assign]
    try:
        yield seen
    finally:
        search.rig.index.search = real  # type: ignore[method-assign]


async def test_thirty_who_ask_the_same_at_once_cost_one_search(search: Search) -> None:
    with counted(search) as seen:
        answers = await asyncio.gather(*(search.get(ASKED) for _ in range(30)))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        assert answers[0].json()["hits"]
        assert all(answer.headers["x-content-type-options"] == "nosniff" for answer in answers)
        assert len(seen) == 1


async def test_another_question_gets_its_own_answer(search: Search) -> None:
    first, other = await asyncio.gather(search.get(ASKED), search.get("/api/v1/search?q=school"))
    assert first.json()["query"]["q"] == "insulin"
    assert other.json()["query"]["q"] == "school"
    assert (await search.get("/nl/search?q=insulin")).content != (
        await search.get("/fr/search?q=insulin")
    ).content


async def test_who_reads_plain_text_is_not_sent_what_is_compressed(search: Search) -> None:
    packed = await search.get("/en/about", **{"accept-encoding": "gzip"})
    plain = await search.get("/en/about", **{"accept-encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers


async def test_a_moment_later_it_is_worked_out_anew(search: Search) -> None:
    with counted(search) as seen:

        async def asked_twice() -> bool:
            await search.get(ASKED)
            return len(seen) > 1

        await eventually(asked_twice, timeout=5, what="a second search")


async def test_a_withdrawal_is_seen_by_the_next_who_asks(search: Search) -> None:
    path = "/en/entries/insulin-slug"
    assert (await search.get(path)).status_code == 200
    assert "insulin-slug" in (await search.get(ASKED)).text
    await search.hear(EntryWithdrawn(entry_id="insulin", version=2))
    assert (await search.get(path)).status_code == 410
    assert "insulin-slug" not in (await search.get(ASKED)).text


async def test_an_answer_from_before_a_withdrawal_is_not_kept_after_it(search: Search) -> None:
    hold = asyncio.Event()
    with counted(search, hold=hold) as seen:
        before = asyncio.create_task(search.get(ASKED))
        await eventually(lambda: seen, what="the search is under way")
        await search.hear(EntryWithdrawn(entry_id="insulin", version=2))
        after = asyncio.create_task(search.get(ASKED))
        await eventually(lambda: len(seen) == 2, what="asked anew")
        hold.set()
        assert (await before).status_code == 200
        assert "insulin-slug" not in (await after).text


@pytest.mark.parametrize("header", ["cookie", "if-none-match", "authorization"])
async def test_what_may_be_one_persons_is_never_shared(search: Search, header: str) -> None:
    with counted(search) as seen:
        for _ in range(3):
            await search.get(ASKED, **{header: "x"})
        assert len(seen) == 3


async def test_a_failure_is_not_kept(search: Search) -> None:
    with counted(search, fail=1) as seen:
        assert (await search.get(ASKED)).status_code == 503
        assert (await search.get(ASKED)).status_code == 200
        assert len(seen) == 2


async def test_who_waits_for_somebody_that_fails_asks_too(search: Search) -> None:
    with counted(search, fail=1):
        answers = await asyncio.gather(*(search.get(ASKED) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 200, 503]


async def test_who_goes_away_takes_nobody_along(search: Search) -> None:
    hold = asyncio.Event()
    with counted(search, hold=hold) as seen:
        first = asyncio.create_task(search.get(ASKED))
        await eventually(lambda: seen, what="the search is under way")
        others = [asyncio.create_task(search.get(ASKED)) for _ in range(3)]
        await asyncio.sleep(0)
        first.cancel()
        hold.set()
        assert {answer.status_code for answer in await asyncio.gather(*others)} == {200}


async def test_many_different_questions_are_answered_when_no_more_can_be_kept(
    search: Search,
) -> None:
    paths = [f"/en/search?q=insulin&page={n}&x={n}" for n in range(MOST + 20)]
    answers = await asyncio.gather(*(search.get(path) for path in paths))
    assert {answer.status_code for answer in answers} == {200}
