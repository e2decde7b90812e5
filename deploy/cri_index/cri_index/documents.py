"""The routes of an index's documents: add, replace, remove, and read as they were added."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cri_index import requests as r
from cri_index.engine import Engine
from cri_index.errors import ApiError, bad_request


async def add_documents(request: Request) -> JSONResponse:
    """Add or replace documents."""
    uid = r.uid_of(request)
    r.allow(request, "documents.add", uid)
    key = r.parameters(request, "primaryKey").get("primaryKey")
    body = await r.json_of(request)
    documents = body if isinstance(body, list) else [body]
    if not all(isinstance(each, dict) for each in documents):
        raise bad_request("malformed_payload", "The payload is no array of objects.")
    payload = {"documents": documents, "primaryKey": key}
    return await run_in_threadpool(r.accepted, request, "documentAdditionOrUpdate", uid, payload)


async def delete_documents(request: Request) -> JSONResponse:
    """Remove documents by id."""
    uid = r.uid_of(request)
    r.allow(request, "documents.delete", uid)
    ids = r.array_of(await r.json_of(request), 1_000_000)
    if not all(type(each) in (int, str) for each in ids):
        raise bad_request("bad_request", "Ids are strings or integers.")
    return r.accepted(request, "documentDeletion", uid, {"ids": [str(each) for each in ids]})


async def delete_documents_where(request: Request) -> JSONResponse:
    """Remove the documents that a filter finds."""
    uid = r.uid_of(request)
    r.allow(request, "documents.delete", uid)
    body = r.object_of(await r.json_of(request), "filter")
    if not body.get("filter"):
        raise bad_request("missing_document_filter", "Missing field `filter`.")
    return r.accepted(request, "documentDeletion", uid, {"filter": body["filter"]})


async def delete_all_documents(request: Request) -> JSONResponse:
    """Remove every document."""
    uid = r.uid_of(request)
    r.allow(request, "documents.delete", uid)
    return r.accepted(request, "documentDeletion", uid, {"ids": None})


async def get_documents(request: Request) -> Response:
    """Documents as they were added, in the order of their ids: another's change moves none."""
    r.allow(request, "documents.get", r.uid_of(request))
    given = r.parameters(request, "offset", "limit", "fields")
    window, fields = r.window(given, "document"), given.get("fields", "*").split(",")
    engine = r.index_of(request).engine
    return await run_in_threadpool(_written, engine, window, fields)


def _written(engine: Engine, window: r.Window, fields: list[str]) -> Response:
    total, found = engine.page(window.offset, window.limit)
    if "*" not in fields:
        found = [{name: each[name] for name in fields if name in each} for each in found]
    return r.written(window.body(found, total))


async def get_document(request: Request) -> JSONResponse:
    """One document."""
    r.allow(request, "documents.get", r.uid_of(request))
    found = r.index_of(request).engine.document(request.path_params["identity"])
    if found is None:
        raise ApiError(404, "document_not_found", "Document not found.")
    return JSONResponse(found)


async def delete_document(request: Request) -> JSONResponse:
    """Remove one document."""
    uid = r.uid_of(request)
    r.allow(request, "documents.delete", uid)
    return r.accepted(request, "documentDeletion", uid, {"ids": [request.path_params["identity"]]})
