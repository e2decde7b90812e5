"""The routes: check who asks and what, then answer from the catalogue or write a task down."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from cri_index import administration, documents, settings
from cri_index import requests as r
from cri_index.answers import Answer
from cri_index.catalogue import Index
from cri_index.errors import bad_request
from cri_index.keys import invalid_key
from cri_index.parameters import MOST_QUERIES, search_parameters

# The release of Meilisearch whose behaviour is followed.
FOLLOWED = "1.50.0"
# Index, facet and query of a search inside a facet; these it takes from a usual search.
_FACET_SEARCH = ("facetName", "facetQuery", "q", "filter", "matchingStrategy", "locales")


async def health(request: Request) -> JSONResponse:
    """Whether it answers; needs no key."""
    return JSONResponse({"status": "available"})


async def version(request: Request) -> JSONResponse:
    """Which Meilisearch it follows."""
    r.allow(request, "version")
    return JSONResponse({"commitSha": "cri-index", "commitDate": "unknown", "pkgVersion": FOLLOWED})


async def list_indexes(request: Request) -> JSONResponse:
    """The indexes that the key covers."""
    grant = r.allow(request, "indexes.get")
    window = r.window(r.parameters(request, "offset", "limit"), "index")
    found = [
        index.body()
        for index in r.parts_of(request).catalogue.all()
        if grant.everything or grant.covers(index.uid)
    ]
    return JSONResponse(window.of(found))


async def create_index(request: Request) -> JSONResponse:
    """Create an index."""
    body = r.object_of(await r.json_of(request), "uid", "primaryKey")
    if "uid" not in body:
        raise bad_request("missing_index_uid", "Missing field `uid`.")
    uid, key = r.checked_uid(body["uid"]), body.get("primaryKey")
    r.allow(request, "indexes.create", uid)
    if not isinstance(key, str | None):
        raise bad_request("invalid_index_primary_key", "Invalid value at `.primaryKey`.")
    return r.accepted(request, "indexCreation", uid, {"primaryKey": key})


async def get_index(request: Request) -> JSONResponse:
    """One index."""
    r.allow(request, "indexes.get", r.uid_of(request))
    return JSONResponse(r.index_of(request).body())


async def delete_index(request: Request) -> JSONResponse:
    """Remove an index."""
    uid = r.uid_of(request)
    r.allow(request, "indexes.delete", uid)
    return r.accepted(request, "indexDeletion", uid, {})


async def swap_indexes(request: Request) -> JSONResponse:
    """Exchange the names of pairs of indexes, all at once."""
    grant = r.allow(request, "indexes.swap")
    pairs = [_pair(each) for each in r.array_of(await r.json_of(request), 1_000)]
    named = [uid for pair in pairs for uid in pair]
    if len(set(named)) != len(named):
        raise bad_request(
            "invalid_swap_duplicate_index_found", "Indexes are declared only once in a swap."
        )
    if not all(grant.covers(uid) for uid in named):
        raise invalid_key()
    return r.accepted(request, "indexSwap", None, pairs)


def _pair(body: Any) -> list[str]:
    swap = r.object_of(body, "indexes", "rename")
    pair = swap.get("indexes")
    if not isinstance(pair, list) or len(pair) != 2:
        raise bad_request("invalid_swap_indexes", "A swap names two indexes.")
    if swap.get("rename"):
        raise bad_request("invalid_swap_rename", "cri-index only exchanges indexes.")
    return [r.checked_uid(uid) for uid in pair]


async def get_settings(request: Request) -> JSONResponse:
    """The settings of an index."""
    r.allow(request, "settings.get", r.uid_of(request))
    return JSONResponse(r.index_of(request).engine.settings)


async def update_settings(request: Request) -> JSONResponse:
    """Change some settings; what cannot be obeyed is refused at once."""
    uid = r.uid_of(request)
    r.allow(request, "settings.update", uid)
    patch = await r.json_of(request)
    settings.changed(settings.DEFAULTS, patch)
    return r.accepted(request, "settingsUpdate", uid, patch)


async def reset_settings(request: Request) -> JSONResponse:
    """Go back to the default settings."""
    uid = r.uid_of(request)
    r.allow(request, "settings.update", uid)
    return r.accepted(request, "settingsUpdate", uid, None)


async def index_stats(request: Request) -> JSONResponse:
    """How many documents an index holds."""
    r.allow(request, "stats.get", r.uid_of(request))
    found = r.index_of(request).engine.count
    return JSONResponse({"numberOfDocuments": found, "isIndexing": False, "fieldDistribution": {}})


async def search(request: Request) -> Response:
    """One search."""
    r.allow(request, "search", r.uid_of(request))
    body = await r.json_of(request)
    answer = _answer(r.index_of(request), body)
    Answer.begin([answer])
    return r.written(answer.body())


async def multi_search(request: Request) -> Response:
    """Several searches, answered in their order."""
    body = r.object_of(await r.json_of(request), "queries", "federation")
    if body.get("federation") is not None:
        raise bad_request("invalid_multi_search_federation", "cri-index does not federate.")
    queries = r.array_of(body.get("queries"), MOST_QUERIES)
    asked: list[tuple[Index, dict[str, Any]]] = []
    for query in queries:
        if not isinstance(query, dict) or "indexUid" not in query:
            raise bad_request("missing_index_uid", "Missing field `indexUid`.")
        uid = r.checked_uid(query["indexUid"])
        r.allow(request, "search", uid)
        rest = {name: value for name, value in query.items() if name != "indexUid"}
        asked.append((r.parts_of(request).catalogue.get(uid), rest))
    answers: list[Answer] = []
    for index, query in asked:
        answers.append(_answer(index, query, answers[-1] if answers else None))
    Answer.begin(answers)
    bodies = zip(asked, answers, strict=True)
    return r.written({"results": [{"indexUid": i.uid, **a.body()} for (i, _), a in bodies]})


def _answer(index: Index, body: Any, like: Answer | None = None) -> Answer:
    # Here and not in a thread: most of a search holds the interpreter's lock anyway, and threads
    # that wait for it in turns answered a quarter fewer searches.
    return Answer(index.engine.snapshot(), search_parameters(body), like)


async def facet_search(request: Request) -> JSONResponse:
    """Values of a facet, for typing ahead."""
    r.allow(request, "search", r.uid_of(request))
    body = r.object_of(await r.json_of(request), *_FACET_SEARCH)
    name, start = body.get("facetName"), body.get("facetQuery") or ""
    if not isinstance(name, str) or not isinstance(start, str):
        raise bad_request("invalid_facet_search_facet_name", "Expected the name of a facet.")
    usual = {key: body[key] for key in _FACET_SEARCH[2:] if key in body}
    parameters = search_parameters({**usual, "facets": [name]})
    answer = Answer(r.index_of(request).engine.snapshot(), parameters)
    hits = answer.facet_hits(name, start)
    return JSONResponse({"facetHits": hits[:100], "facetQuery": start, "processingTimeMs": 0})


_INDEX = "/indexes/{uid}"
# They are tried one after the other: what is asked most stands first.
ROUTES = [
    Route("/multi-search", multi_search, methods=["POST"]),
    Route("/health", health),
    Route("/version", version),
    Route("/indexes", list_indexes, methods=["GET"]),
    Route("/indexes", create_index, methods=["POST"]),
    Route(_INDEX, get_index, methods=["GET"]),
    Route(_INDEX, delete_index, methods=["DELETE"]),
    Route(_INDEX + "/stats", index_stats, methods=["GET"]),
    Route(_INDEX + "/settings", get_settings, methods=["GET"]),
    Route(_INDEX + "/settings", update_settings, methods=["PATCH"]),
    Route(_INDEX + "/settings", reset_settings, methods=["DELETE"]),
    Route(_INDEX + "/documents", documents.get_documents, methods=["GET"]),
    Route(_INDEX + "/documents", documents.add_documents, methods=["POST"]),
    Route(_INDEX + "/documents", documents.delete_all_documents, methods=["DELETE"]),
    Route(_INDEX + "/documents/delete-batch", documents.delete_documents, methods=["POST"]),
    Route(_INDEX + "/documents/delete", documents.delete_documents_where, methods=["POST"]),
    Route(_INDEX + "/documents/{identity}", documents.get_document, methods=["GET"]),
    Route(_INDEX + "/documents/{identity}", documents.delete_document, methods=["DELETE"]),
    Route(_INDEX + "/search", search, methods=["POST"]),
    Route(_INDEX + "/facet-search", facet_search, methods=["POST"]),
    Route("/swap-indexes", swap_indexes, methods=["POST"]),
    Route("/tasks", administration.list_tasks, methods=["GET"]),
    Route("/tasks/{task:int}", administration.get_task, methods=["GET"]),
    Route("/keys", administration.list_keys, methods=["GET"]),
    Route("/keys", administration.create_key, methods=["POST"]),
    Route("/keys/{key}", administration.get_key, methods=["GET"]),
    Route("/keys/{key}", administration.delete_key, methods=["DELETE"]),
]
