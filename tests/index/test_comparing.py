"""Documents are read as they were added, page by page, and compared with what should be there."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import httpx
import pytest
from cri_shared.index.comparison import compared, digest_of
from cri_shared.index.documents import EntryDocument
from cri_shared.index.meilisearch import READ_AT_ONCE, MeilisearchIndex
from cri_shared.index.port import Changes, IndexRefused
from cri_shared.index.provisioning import provision_keys
from cri_shared.index.search_settings import WEIGHT
from cri_shared.testing.entries import entry
from cri_shared.testing.index import IndexServer

from tests.index.four import ALMATY, BAGHDAD, ENTRIES, KABUL_FR, nothing_changed, stream


@pytest.fixture
def http(address: tuple[str, str]) -> Iterator[httpx.Client]:
    """Asks the engine with its master key."""
    headers = {"Authorization": f"Bearer {address[1]}"}
    with httpx.Client(base_url=address[0], headers=headers, trust_env=False) as client:
        yield client


def page(http: httpx.Client, uid: str, **asked: Any) -> dict[str, Any]:
    found: dict[str, Any] = http.get(f"/indexes/{uid}/documents", params=asked).json()
    return found


def ids(some: dict[str, Any]) -> list[str]:
    return [document["id"] for document in some["results"]]


class TestReading:
    def test_they_are_as_they_were_added(
        self, index: MeilisearchIndex, http: httpx.Client, uid: str
    ) -> None:
        found = page(http, uid)
        added = {each["id"]: {**each, WEIGHT: 1.0} for each in ENTRIES}
        assert {each["id"]: each for each in found.pop("results")} == added
        assert found == {"offset": 0, "limit": 20, "total": 4}

    async def test_pages_hold_each_of_them_once(
        self, empty: MeilisearchIndex, http: httpx.Client, uid: str
    ) -> None:
        await empty.put([entry(f"e{number}") for number in range(70)])
        await empty.delete(["e3_en", "e50_en"])
        pages = [page(http, uid, offset=offset, limit=25) for offset in (0, 25, 50)]
        assert [len(each["results"]) for each in pages] == [25, 25, 18]
        every = [one for each in pages for one in ids(each)]
        assert len(set(every)) == 68
        assert not {"e3_en", "e50_en"} & set(every)
        beyond = {"results": [], "offset": 5_000, "limit": 20, "total": 68}
        assert page(http, uid, offset=5_000) == beyond
        assert page(http, uid, limit=0)["total"] == 68

    @pytest.mark.parametrize(
        ("fields", "given"),
        [
            ("id,year,nothing", {"id", "year"}),
            ("", set()),
            ("*,nothing", {*entry("any"), WEIGHT}),
        ],
    )
    def test_some_of_their_fields(
        self,
        index: MeilisearchIndex,
        http: httpx.Client,
        uid: str,
        fields: str,
        given: set[str],
    ) -> None:
        found = page(http, uid, fields=fields)["results"]
        assert [set(document) for document in found] == [given] * 4

    @pytest.mark.parametrize("value", ["doggo", "-1", ""])
    @pytest.mark.parametrize("name", ["offset", "limit"])
    def test_what_is_no_number_is_refused(
        self, index: MeilisearchIndex, http: httpx.Client, uid: str, name: str, value: str
    ) -> None:
        refused = http.get(f"/indexes/{uid}/documents", params={name: value})
        assert refused.status_code == 400
        assert refused.json()["code"] == f"invalid_document_{name}"
        assert (
            f"parameter `{name}`: could not parse `{value}` as a pos" in refused.json()["message"]
        )

    def test_what_is_not_there_or_not_known_is_refused(
        self, index: MeilisearchIndex, http: httpx.Client, uid: str
    ) -> None:
        missing = http.get("/indexes/nowhere/documents")
        assert (missing.status_code, missing.json()["code"]) == (404, "index_not_found")
        unknown = http.get(f"/indexes/{uid}/documents", params={"colour": "red"})
        assert (unknown.status_code, unknown.json()["code"]) == (400, "bad_request")

    def test_it_takes_a_key_that_may(
        self, index: MeilisearchIndex, http: httpx.Client, address: tuple[str, str], uid: str
    ) -> None:
        write, search = provision_keys(*address)
        for key, status in ((write, 200), (search, 403)):
            told = {"Authorization": f"Bearer {key}"}
            assert http.get(f"/indexes/{uid}/documents", headers=told).status_code == status


async def test_a_change_between_two_pages_moves_no_other(
    index_server: IndexServer, uid: str
) -> None:
    index = MeilisearchIndex(index_server.url, index_server.master_key, uid)
    await index.ensure()
    await index.put([entry(f"e{number}") for number in range(10)])
    key = {"Authorization": f"Bearer {index_server.master_key}"}
    with httpx.Client(base_url=index_server.url, headers=key, trust_env=False) as http:
        first = ids(page(http, uid, limit=5))
        await index.put([entry("e0", question="Another?"), entry("e9", question="Another?")])
        rest = page(http, uid, limit=5, offset=5)
    await index.close()
    assert sorted(first + ids(rest)) == [f"e{number}_en" for number in range(10)]
    assert rest["results"][-1]["question"] == "Another?"


class TestComparing:
    async def test_what_was_put_is_the_same(self, index: MeilisearchIndex) -> None:
        told = await index.compare(stream(reversed(ENTRIES)), nothing_changed)
        assert told.same
        assert told.wanted.documents == 4
        assert [line.split()[1] for line in told.lines()] == ["4", "4"]

    async def test_more_than_a_page_is_the_same(self, empty: MeilisearchIndex) -> None:
        many = [entry(f"e{number}") for number in range(READ_AT_ONCE + 1)]
        await empty.put(many)
        told = await empty.compare(stream(many), nothing_changed)
        assert (told.same, told.found.documents) == (True, len(many))

    async def test_what_the_adapter_changes_on_the_way_is_no_difference(
        self, empty: MeilisearchIndex
    ) -> None:
        odd = entry("odd", answer="Two\nlines  of\tit.", status="due", region=None)
        await empty.put([odd])
        assert (await empty.compare(stream([odd]), nothing_changed)).same

    async def test_each_difference_has_a_name(self, index: MeilisearchIndex) -> None:
        await index.put([{**BAGHDAD, "labels": []}, entry("stranger")])
        await index.delete(["almaty_ru"])
        told = await index.compare(stream(ENTRIES), nothing_changed)
        assert (told.missing, told.altered, told.unknown) == (
            ["almaty_ru"],
            ["baghdad_en"],
            ["stranger_en"],
        )
        assert not told.same
        assert told.wanted.documents == told.found.documents, "the counts alone tell nothing"
        assert told.wanted.digest != told.found.digest

    async def test_what_changes_meanwhile_is_left_out(self, index: MeilisearchIndex) -> None:
        published, withdrawn = entry("fresh"), KABUL_FR["id"]

        async def changed_since(_since: datetime) -> Changes:
            return Changes(put=[published, ALMATY], delete=[withdrawn])

        public = [each for each in ENTRIES if each["id"] != withdrawn]
        told = await index.compare(stream([*public, published]), changed_since)
        assert (told.same, told.changing, told.found.documents) == (True, 2, 3)
        assert "2: not counted" in list(told.lines())[-1]

    async def test_it_takes_the_right_to_read(
        self, index: MeilisearchIndex, address: tuple[str, str], uid: str
    ) -> None:
        write, search = (MeilisearchIndex(address[0], key, uid) for key in provision_keys(*address))
        assert (await write.compare(stream(ENTRIES), nothing_changed)).same
        with pytest.raises(IndexRefused, match="invalid_api_key"):
            await search.compare(stream(ENTRIES), nothing_changed)
        await write.close()
        await search.close()


def test_documents_that_say_the_same_have_one_digest() -> None:
    one: dict[str, Any] = {"a": 1, "b": [2.0, {"c": None, "d": 0.5}], "e": True}
    other = {"e": True, "b": [2, {"d": 0.5, "c": None}], "a": 1.0}
    assert digest_of(one) == digest_of(other)
    for changed in (
        {"a": "1"},
        {"a": 1.5},
        {"e": 1},
        {"b": [{"c": None, "d": 0.5}, 2]},
        {"f": None},
    ):
        assert digest_of(one) != digest_of({**one, **changed})


def test_twenty_are_named_and_the_others_counted() -> None:
    documents: list[EntryDocument] = [entry(f"e{number:02}") for number in range(25)]
    wanted = {each["id"]: digest_of(each) for each in documents}
    [_, _, missing] = compared(wanted, {}, []).lines()
    assert missing.startswith("missing         25: e00_en, e01_en")
    assert missing.endswith("e19_en and 5 more")
