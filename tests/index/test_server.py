"""cri-index over HTTP: strict, atomic, and safe to kill."""

import itertools
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cri_shared.testing.index import IndexServer
from cri_shared.testing.processes import free_port, script
from cri_shared.testing.waiting import until

SETTINGS = {
    "searchableAttributes": ["question", "answer"],
    "filterableAttributes": ["country", "topics", "year"],
    "sortableAttributes": ["year"],
}
DOCUMENTS: list[dict[str, Any]] = [
    {
        "id": "1",
        "question": "Où trouver un médecin à Kaboul ?",
        "answer": "Les cliniques de Kaboul soignent les personnes revenues. " * 10,
        "language": "fr",
        "country": "AF",
        "topics": ["health"],
        "year": 2010,
    },
    {
        "id": "2",
        "question": "Housing in Baghdad",
        "answer": "Rent in Baghdad is expensive; <b>ask</b> the clinic of the ministry.",
        "language": "en",
        "country": "IQ",
        "topics": ["housing", "health"],
        "year": 2012,
    },
    {
        "id": "3",
        "question": "Сколько стоит жилье",
        "answer": "В Алматы аренда стоит дорого.",
        "language": "ru",
        "country": "KZ",
        "topics": ["housing"],
        "year": 2011,
    },
]
_names = (f"test_{number}" for number in itertools.count())


class Caller:
    """One key at one server."""

    def __init__(self, url: str, key: str) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=20, trust_env=False)

    def ask(self, method: str, path: str, body: Any = None) -> httpx.Response:
        return self.http.request(method, path, json=body)

    def done(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """The ended task of a request that was accepted."""
        accepted = self.ask(method, path, body)
        assert accepted.status_code == 202, accepted.text
        return self.ended(accepted.json()["taskUid"])

    def ended(self, task: int) -> dict[str, Any]:
        def end() -> dict[str, Any] | None:
            found: dict[str, Any] = self.ask("GET", f"/tasks/{task}").json()
            return found if found["status"] in ("succeeded", "failed") else None

        found = until(end, what="the end of a task")
        assert found is not None
        return found

    def search(self, uid: str, **parameters: Any) -> dict[str, Any]:
        answer = self.ask("POST", f"/indexes/{uid}/search", parameters)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def ids(self, uid: str, **parameters: Any) -> list[str]:
        return [hit["id"] for hit in self.search(uid, **parameters)["hits"]]

    def filled(self, documents: list[dict[str, Any]] | None = None) -> str:
        """The uid of a new index with documents in it."""
        uid = next(_names)
        tasks = [
            self.done("POST", "/indexes", {"uid": uid, "primaryKey": "id"}),
            self.done("PATCH", f"/indexes/{uid}/settings", SETTINGS),
            self.done("POST", f"/indexes/{uid}/documents", documents or DOCUMENTS),
        ]
        assert [task["status"] for task in tasks] == ["succeeded"] * 3, tasks
        return uid


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IndexServer]:
    running = IndexServer(tmp_path_factory.mktemp("index"))
    running.start()
    yield running
    running.stop()


@pytest.fixture
def master(server: IndexServer) -> Iterator[Caller]:
    caller = Caller(server.url, server.master_key)
    yield caller
    caller.http.close()


@pytest.fixture
def entries(master: Caller) -> str:
    return master.filled()


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


class TestSearch:
    @pytest.mark.parametrize(
        ("text", "first"),
        [
            ("medecin kaboul", "1"),
            ("bagdhad rent", "2"),
            ("Bagh", "2"),
            ("аренды", "3"),
            ('"clinic of the ministry"', "2"),
            ("", None),
        ],
    )
    def test_finds_despite_typos_accents_and_endings(
        self, master: Caller, entries: str, text: str, first: str | None
    ) -> None:
        found = master.ids(entries, q=text)
        assert (found[0] == first) if first else (len(found) == 3)

    def test_a_phrase_must_occur_as_written(self, master: Caller, entries: str) -> None:
        assert master.ids(entries, q='"ministry of the clinic"') == []

    def test_an_excluded_word_must_not_occur(self, master: Caller, entries: str) -> None:
        assert set(master.ids(entries, q="-baghdad")) == {"1", "3"}

    def test_counts_facets(self, master: Caller, entries: str) -> None:
        counted = master.search(entries, facets=["topics", "year"])["facetDistribution"]
        assert counted == {
            "topics": {"health": 2, "housing": 2},
            "year": {"2010": 1, "2011": 1, "2012": 1},
        }

    @pytest.mark.parametrize(
        ("filter_", "found"),
        [
            ('country = "AF"', {"1"}),
            ('country IN ["AF", "IQ"] AND topics = housing', {"2"}),
            ("year >= 2011", {"2", "3"}),
            ("year 2010 TO 2011", {"1", "3"}),
            ("NOT country = AF", {"2", "3"}),
            (["year > 2010", ["country = AF", "country = KZ"]], {"3"}),
            ('country IN ["A\\" OR country = \\"IQ"]', set()),
        ],
    )
    def test_filters(self, master: Caller, entries: str, filter_: Any, found: set[str]) -> None:
        assert set(master.ids(entries, filter=filter_)) == found

    def test_sorts_and_pages(self, master: Caller, entries: str) -> None:
        page = master.search(entries, sort=["year:desc"], page=2, hitsPerPage=2)
        assert [hit["id"] for hit in page["hits"]] == ["1"]
        assert (page["totalHits"], page["totalPages"]) == (3, 2)

    def test_marks_and_crops(self, master: Caller, entries: str) -> None:
        hit = master.search(
            entries,
            q="clinic ministry",
            attributesToHighlight=["answer"],
            attributesToCrop=["answer:5"],
        )["hits"][0]
        assert hit["_formatted"]["answer"] == "…the <em>clinic</em> of the <em>ministry</em>."

    def test_several_searches_at_once_keep_their_order(self, master: Caller, entries: str) -> None:
        queries = [{"indexUid": entries, "q": "baghdad"}, {"indexUid": entries, "limit": 0}]
        results = master.ask("POST", "/multi-search", {"queries": queries}).json()["results"]
        assert [len(result["hits"]) for result in results] == [1, 0]
        assert results[1]["estimatedTotalHits"] == 3

    def test_values_of_a_facet_by_their_beginning(self, master: Caller, entries: str) -> None:
        asked = {"facetName": "topics", "facetQuery": "hea"}
        found = master.ask("POST", f"/indexes/{entries}/facet-search", asked).json()
        assert found["facetHits"] == [{"value": "health", "count": 2}]


class TestStrictness:
    @pytest.mark.parametrize(
        ("parameters", "code"),
        [
            ({"query": "x"}, "bad_request"),
            ({"filter": "answer = x"}, "invalid_search_filter"),
            ({"filter": "country == AF"}, "invalid_search_filter"),
            ({"filter": 'country = "AF" OR'}, "invalid_search_filter"),
            ({"facets": ["answer"]}, "invalid_search_facets"),
            ({"sort": ["country:asc"]}, "invalid_search_sort"),
            ({"sort": ["country:asc"], "hitsPerPage": 0}, "invalid_search_sort"),
            ({"locales": ["sq"]}, "invalid_search_locales"),
            ({"matchingStrategy": "some"}, "invalid_search_matching_strategy"),
            ({"page": -1}, "invalid_search_page"),
            ({"hitsPerPage": "20"}, "invalid_search_hits_per_page"),
        ],
    )
    def test_refuses_a_search_it_cannot_obey(
        self, master: Caller, entries: str, parameters: dict[str, Any], code: str
    ) -> None:
        answer = master.ask("POST", f"/indexes/{entries}/search", parameters)
        assert code_of(answer) == (400, code)

    @pytest.mark.parametrize(
        ("settings", "code"),
        [
            ({"searchable": ["x"]}, "bad_request"),
            ({"distinctAttribute": "country"}, "invalid_settings_distinct_attribute"),
            ({"filterableAttributes": [7]}, "invalid_settings_filterable_attributes"),
            ({"typoTolerance": {"tolerant": True}}, "invalid_settings_typo_tolerance"),
            ({"pagination": {"maxTotalHits": -1}}, "invalid_settings_pagination"),
        ],
    )
    def test_refuses_settings_it_cannot_obey(
        self, master: Caller, entries: str, settings: dict[str, Any], code: str
    ) -> None:
        answer = master.ask("PATCH", f"/indexes/{entries}/settings", settings)
        assert code_of(answer) == (400, code)

    @pytest.mark.parametrize(
        "body",
        [
            b"[{",
            b'[{"entry_id": "a", "n": NaN}]',
            b'[{"entry_id": "\\ud800"}]',
            b"[" * 10_000,
            b"\xff",
        ],
    )
    def test_refuses_what_is_no_json(self, master: Caller, entries: str, body: bytes) -> None:
        path = f"/indexes/{entries}/documents"
        sent = {"Content-Type": "application/json"}
        answer = master.http.post(path, content=body, headers=sent)
        assert code_of(answer) == (400, "malformed_payload")
        assert code_of(master.http.post(path, content=b"[]")) == (415, "missing_content_type")

    def test_an_unknown_index_is_not_found(self, master: Caller) -> None:
        answer = master.ask("POST", "/indexes/nowhere/search", {})
        assert code_of(answer) == (404, "index_not_found")
        assert master.done("DELETE", "/indexes/nowhere")["error"]["code"] == "index_not_found"


class TestDocuments:
    def test_are_replaced_and_removed(self, master: Caller, entries: str) -> None:
        path = f"/indexes/{entries}/documents"
        master.done("POST", path, [{**DOCUMENTS[0], "question": "zebra"}])
        assert master.ids(entries, q="zebra") == ["1"]
        master.done("POST", path + "/delete-batch", ["1", "unknown"])
        master.done("POST", path + "/delete", {"filter": "country = KZ"})
        assert master.ids(entries) == ["2"]
        assert master.ask("GET", path + "/1").status_code == 404
        assert master.ask("GET", path + "/2").json() == DOCUMENTS[1]

    def test_a_bad_one_fails_its_task_and_no_other(self, master: Caller, entries: str) -> None:
        path = f"/indexes/{entries}/documents"
        sent = [[{"id": "a b"}], [{"id": "good", "question": "zebra"}], [{"question": "no id"}]]
        tasks = [master.ask("POST", path, documents).json()["taskUid"] for documents in sent]
        ended = [master.ended(task) for task in tasks]
        assert [task["status"] for task in ended] == ["failed", "succeeded", "failed"]
        assert ended[0]["error"]["code"] == "invalid_document_id"
        assert master.ids(entries, q="zebra") == ["good"]

    def test_new_settings_reach_documents_that_are_there(
        self, master: Caller, entries: str
    ) -> None:
        changed = {"filterableAttributes": ["language"], "searchableAttributes": ["answer"]}
        assert master.done("PATCH", f"/indexes/{entries}/settings", changed)["error"] is None
        assert master.ids(entries, filter="language = ru") == ["3"]
        assert master.ids(entries, q="housing") == []

    def test_a_swap_exchanges_documents_and_settings(self, master: Caller, entries: str) -> None:
        other = master.filled(DOCUMENTS[:1])
        swap = master.done("POST", "/swap-indexes", [{"indexes": [entries, other]}])
        assert swap["status"] == "succeeded"
        assert (len(master.ids(entries)), len(master.ids(other))) == (1, 3)
        missing = master.done("POST", "/swap-indexes", [{"indexes": [entries, "nowhere"]}])
        assert missing["error"]["code"] == "index_not_found"
        assert len(master.ids(entries)) == 1


class TestKeys:
    def made(self, master: Caller, server: IndexServer, **wanted: Any) -> Caller:
        body = {"actions": ["search"], "indexes": ["*"], "expiresAt": None, **wanted}
        answer = master.ask("POST", "/keys", body)
        assert answer.status_code == 201, answer.text
        return Caller(server.url, answer.json()["key"])

    def test_no_key_and_a_wrong_key_are_refused(self, server: IndexServer) -> None:
        bare = httpx.get(server.url + "/indexes", trust_env=False)
        assert code_of(bare) == (401, "missing_authorization_header")
        assert code_of(Caller(server.url, "wrong").ask("GET", "/indexes")) == (
            403,
            "invalid_api_key",
        )

    def test_a_key_does_what_it_was_made_for_and_no_more(
        self, master: Caller, server: IndexServer, entries: str
    ) -> None:
        searcher = self.made(master, server, indexes=[entries[:-1] + "*", entries])
        assert len(searcher.ids(entries)) == 3
        refused = [
            searcher.ask("POST", f"/indexes/{entries}/documents", []),
            searcher.ask("POST", "/indexes/other/search", {}),
            searcher.ask("GET", "/keys"),
        ]
        assert [code_of(each) for each in refused] == [(403, "invalid_api_key")] * 3

    def test_a_key_taken_back_is_refused(
        self, master: Caller, server: IndexServer, entries: str
    ) -> None:
        searcher = self.made(master, server)
        uid = master.ask("GET", "/keys").json()["results"][0]["uid"]
        assert master.ask("DELETE", f"/keys/{uid}").status_code == 204
        answer = searcher.ask("POST", f"/indexes/{entries}/search", {})
        assert code_of(answer) == (403, "invalid_api_key")

    def test_a_key_for_some_indexes_does_not_see_swaps(
        self, master: Caller, server: IndexServer, entries: str
    ) -> None:
        other = master.filled(DOCUMENTS[:1])
        swap = master.done("POST", "/swap-indexes", [{"indexes": [entries, other]}])
        scoped = self.made(master, server, actions=["tasks.get"], indexes=[entries])
        assert code_of(scoped.ask("GET", f"/tasks/{swap['uid']}")) == (404, "task_not_found")

    @pytest.mark.parametrize(
        "wanted",
        [{"actions": ["fly"]}, {"expiresAt": "2001-01-01"}, {"indexes": []}, {"uid": "x"}],
    )
    def test_a_key_that_makes_no_sense_is_refused(
        self, master: Caller, wanted: dict[str, Any]
    ) -> None:
        body = {"actions": ["search"], "indexes": ["*"], "expiresAt": None, **wanted}
        assert master.ask("POST", "/keys", body).status_code == 400


def test_killed_while_writing_it_loses_no_acknowledged_task(tmp_path: Path) -> None:
    server = IndexServer(tmp_path / "data")
    written: list[tuple[str, str]] = []  # (document, index it was written to)
    try:
        server.start()
        master = Caller(server.url, server.master_key)
        one, other = master.filled(DOCUMENTS[:1]), master.filled(DOCUMENTS[:1])
        for killed in range(3):
            master = Caller(server.url, server.master_key)
            for number in range(40):
                document = {**DOCUMENTS[0], "id": f"{killed}-{number}"}
                answer = master.ask("POST", f"/indexes/{one}/documents", [document])
                assert answer.status_code == 202
                written.append((document["id"], one))
            assert master.ask("POST", "/swap-indexes", [{"indexes": [one, other]}]).is_success
            server.kill()
            server.start()
            written = [(each, other if uid == one else one) for each, uid in written]
        master = Caller(server.url, server.master_key)
        last = master.ask("GET", "/tasks?limit=1").json()["results"][0]
        assert master.ended(last["uid"])["status"] == "succeeded"
        for uid in (one, other):
            expected = {each for each, where in written if where == uid} | {"1"}
            assert set(master.ids(uid, limit=1000)) == expected
    finally:
        server.kill()


def test_two_servers_do_not_share_a_directory(server: IndexServer) -> None:
    command = [script("cri-index"), "serve", "--port", str(free_port())]
    second = subprocess.run(
        [*command, "--data", str(server.directory)],
        env={**os.environ, "CRI_INDEX_MASTER_KEY": server.master_key},
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 2
    assert "another cri-index" in second.stderr
