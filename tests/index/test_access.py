"""Each key does what it is for, and what cannot be asked says so."""

import pytest
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.index.port import IndexRefused, SearchUnavailable
from cri_shared.index.provisioning import provision_keys

from tests.index.four import ALMATY, found, search


async def test_a_wrong_key_is_refused(address: tuple[str, str], uid: str) -> None:
    index = MeilisearchIndex(address[0], "f" * 64, uid)
    with pytest.raises(IndexRefused, match="invalid_api_key"):
        await search(index, "doctor")
    await index.close()


async def test_the_search_key_only_searches(
    index: MeilisearchIndex, address: tuple[str, str], uid: str
) -> None:
    reader = MeilisearchIndex(address[0], provision_keys(*address)[1], uid)
    assert len(await found(reader)) == 4
    for forbidden in (reader.put([ALMATY]), reader.delete(["almaty_ru"]), reader.count()):
        with pytest.raises(IndexRefused, match="invalid_api_key"):
            await forbidden
    await reader.close()


async def test_the_search_key_reaches_only_entries(address: tuple[str, str]) -> None:
    reader = MeilisearchIndex(address[0], provision_keys(*address)[1], "staff")
    with pytest.raises(IndexRefused, match="invalid_api_key"):
        await search(reader)
    await reader.close()


def test_provisioning_twice_gives_the_same_keys(address: tuple[str, str]) -> None:
    assert provision_keys(*address) == provision_keys(*address)


def test_provisioning_needs_the_master_key(address: tuple[str, str]) -> None:
    with pytest.raises(IndexRefused, match="invalid_api_key"):
        provision_keys(address[0], "not the master key")


async def test_it_tells_whether_it_answers(index: MeilisearchIndex) -> None:
    assert await index.available()


async def test_a_search_before_the_index_is_there_is_refused(address: tuple[str, str]) -> None:
    index = MeilisearchIndex(*address, "entries_never_made")
    with pytest.raises(IndexRefused, match="index_not_found"):
        await search(index)
    await index.close()


async def test_nobody_there_is_unavailable_and_not_an_error() -> None:
    index = MeilisearchIndex("http://127.0.0.1:9", "key", seconds=0.5)
    assert not await index.available()
    with pytest.raises(SearchUnavailable):
        await search(index, "doctor")
    await index.close()
