"""What is put, deleted and rebuilt: the next search sees it, and nothing in between is lost."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from cri_shared import clock
from cri_shared.index.documents import EntryDocument
from cri_shared.index.meilisearch import MeilisearchIndex
from cri_shared.index.port import Changes, IndexRefused
from cri_shared.index.provisioning import provision_keys
from cri_shared.testing.entries import entry

from tests.index.four import (
    ALMATY,
    BAGHDAD,
    ENTRIES,
    KABUL_FR,
    found,
    nothing_changed,
    search,
    stream,
)


async def test_ensure_twice_changes_nothing(index: MeilisearchIndex) -> None:
    await index.ensure()
    assert await index.count() == len(ENTRIES)


async def test_a_put_replaces_the_whole_document(index: MeilisearchIndex) -> None:
    await index.put([{**BAGHDAD, "question": "Zebra?", "answer": "None.", "keywords": []}])
    assert await found(index, "zebra") == ["baghdad_en"]
    assert "baghdad_en" not in await found(index, "Baghdad")
    assert await index.count() == 4


async def test_what_is_deleted_is_not_found(index: MeilisearchIndex) -> None:
    await index.delete(["baghdad_en", "never_there"])
    assert "baghdad_en" not in await found(index)
    assert await index.count() == 3


async def test_an_entry_goes_with_all_its_languages(index: MeilisearchIndex) -> None:
    await index.delete_entry("kabul")
    assert sorted(await found(index)) == ["almaty_ru", "baghdad_en"]


async def test_thousands_go_in_batches(empty: MeilisearchIndex) -> None:
    many = [entry(f"e{number}") for number in range(1_200)]
    await empty.put(many)
    assert await empty.count() == 1_200
    await empty.delete([document["id"] for document in many[:700]])
    assert await empty.count() == 500


@pytest.mark.parametrize("others", [0, 12_000], ids=["few", "many"])
async def test_new_words_are_found_when_misspelt(index: MeilisearchIndex, others: int) -> None:
    assert not await found(index, "bookbindary")
    words = " ".join(f"b{number}" for number in range(others))
    await index.put([entry("binder", question="Where is the bookbindery?", answer=words)])
    assert await found(index, "bookbindary") == ["binder_en"]


async def test_a_rebuild_replaces_everything(index: MeilisearchIndex) -> None:
    assert await index.rebuild(stream([ALMATY]), nothing_changed) == 1
    assert await found(index) == ["almaty_ru"]
    assert await index.count() == 1


async def test_a_rebuild_keeps_what_changed_meanwhile(index: MeilisearchIndex) -> None:
    began = clock.now()
    fresh = entry("fresh", question="Where is the new hospital?")

    async def documents() -> AsyncIterator[EntryDocument]:
        yield KABUL_FR
        yield BAGHDAD
        # Published and withdrawn while the rebuild is under way: the old index is changed.
        await index.put([fresh])
        await index.delete(["baghdad_en"])
        assert "fresh_en" in await found(index, "hospital")

    async def changed_since(since: datetime) -> Changes:
        assert since <= began
        return Changes(put=(fresh,), delete=("baghdad_en",))

    assert await index.rebuild(documents(), changed_since) == 2
    assert sorted(await found(index)) == ["fresh_en", "kabul_fr"]


async def test_a_rebuild_asks_again_until_nothing_changes(index: MeilisearchIndex) -> None:
    answers = iter([Changes(put=(entry("x", question=f"Version {n}?"),)) for n in (1, 2, 3)])
    last = Changes(put=(entry("x", question="Version four?"),))

    async def changed_since(_since: datetime) -> Changes:
        return next(answers, last)

    await index.rebuild(stream([ALMATY]), changed_since)
    [hit] = (await search(index, "version", filters={"entry_id": ["x"]})).hits
    assert hit.title_html == "<mark>Version</mark> four?"


async def test_a_rebuild_that_fails_leaves_the_old_index(index: MeilisearchIndex) -> None:
    async def documents() -> AsyncIterator[EntryDocument]:
        yield ALMATY
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await index.rebuild(documents(), nothing_changed)
    assert await index.count() == 4


async def test_a_failed_task_is_raised(index: MeilisearchIndex) -> None:
    bad: Any = {**BAGHDAD, "id": "not an id!"}
    with pytest.raises(IndexRefused, match="invalid_document_id"):
        await index.put([bad])
    assert await index.count() == 4


async def test_what_a_rebuild_left_that_was_killed_goes_with_a_later_one(
    index: MeilisearchIndex, address: tuple[str, str], uid: str
) -> None:
    left, others = (
        MeilisearchIndex(*address, f"{uid}_{name}") for name in ("0123456789ab", "of_others")
    )
    for one in (left, others):
        await one.ensure()
    await index.rebuild(stream([ALMATY]), nothing_changed)
    assert await left.count() == 0, "another rebuild may be at work"
    with clock.frozen(clock.now() + timedelta(days=2)):
        await index.rebuild(stream([ALMATY]), nothing_changed)
    assert await others.count() == 0
    with pytest.raises(IndexRefused, match="index_not_found"):
        await left.count()
    for one in (left, others):
        await one.close()


async def test_the_write_key_writes_and_rebuilds_but_does_not_search(
    empty: MeilisearchIndex, address: tuple[str, str], uid: str
) -> None:
    writer = MeilisearchIndex(address[0], provision_keys(*address)[0], uid)
    await writer.put([ALMATY])
    assert await writer.rebuild(stream(ENTRIES), nothing_changed) == 4
    assert await writer.count() == 4
    with pytest.raises(IndexRefused, match="invalid_api_key"):
        await search(writer)
    await writer.close()
