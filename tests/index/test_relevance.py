"""The right answer is found: judged queries in thirteen languages, on a real cri-index."""

from collections.abc import AsyncIterator

import pytest
from cri_shared.index.documents import READERS
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.testing.index import IndexServer

from tests.bench.judging import (
    FLOORS,
    KINDS,
    LANGUAGES,
    LEAST_RECIPROCAL,
    Figures,
    judged,
    library,
    names,
    scores,
)


@pytest.fixture
async def index(index_server: IndexServer) -> AsyncIterator[MeilisearchIndex]:
    """An index that holds the judged library."""
    index = MeilisearchIndex(index_server.url, index_server.master_key, "entries_judged")
    await index.ensure()
    await index.put(library())
    yield index
    await index.close()


def test_there_is_enough_to_judge_by() -> None:
    written = [each for each in judged() if each.kind not in ("name", "typos", "beginning")]
    assert len(library()) >= 300
    assert len(written) >= 400
    assert len({each["id"] for each in library()}) == len(library())
    assert 0.25 < sum(each.held_out for each in written) / len(written) < 0.4


async def test_every_entry_is_found_by_the_name_of_its_topic_and_country_in_every_language(
    index: MeilisearchIndex,
) -> None:
    assert {each.language for each in names()} == set(READERS)
    for one in await scores(index, names()):
        assert one.found >= len(one.asked.right), one.asked.words


async def test_the_right_answer_is_found(index: MeilisearchIndex) -> None:
    found = await scores(index, judged())
    for held_out in (False, True):
        figures = Figures.of([one for one in found if one.asked.held_out == held_out])
        assert figures.recall >= FLOORS.recall, f"held out: {held_out}, {figures}"
        assert figures.reciprocal >= FLOORS.reciprocal, f"held out: {held_out}, {figures}"
        assert figures.empty <= FLOORS.empty, f"held out: {held_out}, {figures}"
    for part in (*LANGUAGES, *KINDS):
        figures = Figures.of([one for one in found if part in (one.asked.language, one.asked.kind)])
        assert figures.reciprocal >= LEAST_RECIPROCAL, f"{part}: {figures}"
