"""The routes that tell of tasks and keys."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cri_index import requests as r
from cri_index.keys import invalid_key
from cri_index.tasks import task_not_found


async def list_tasks(request: Request) -> JSONResponse:
    """Tasks, newest first."""
    grant = r.allow(request, "tasks.get")
    given = r.parameters(request, "limit", "statuses", "indexUids")
    indexes = _split(given.get("indexUids"))
    if not grant.everything and not (indexes and all(map(grant.covers, indexes))):
        raise invalid_key()
    limit = r.limit(given, "task")
    journal = r.parts_of(request).journal
    return JSONResponse(journal.newest(limit, _split(given.get("statuses")), indexes))


def _split(values: str | None) -> list[str]:
    return values.split(",")[:100] if values else []


async def get_task(request: Request) -> JSONResponse:
    """One task; a key made for some indexes sees only the tasks of those."""
    grant = r.allow(request, "tasks.get")
    task = r.parts_of(request).journal.get(request.path_params["task"])
    index = task["indexUid"]
    if not (grant.everything or (index is not None and grant.covers(index))):
        raise task_not_found(task["uid"])
    return JSONResponse(task)


async def list_keys(request: Request) -> JSONResponse:
    """Every key that was made."""
    r.allow(request, "keys.get")
    window = r.window(r.parameters(request, "offset", "limit"), "api_key")
    return JSONResponse(window.of(r.parts_of(request).keys.all()))


async def create_key(request: Request) -> JSONResponse:
    """Make a key."""
    r.allow(request, "keys.create")
    return JSONResponse(r.parts_of(request).keys.create(await r.json_of(request)), 201)


async def get_key(request: Request) -> JSONResponse:
    """One key, by itself or by its uid."""
    r.allow(request, "keys.get")
    return JSONResponse(r.parts_of(request).keys.get(request.path_params["key"]))


async def delete_key(request: Request) -> Response:
    """Forget a key."""
    r.allow(request, "keys.delete")
    r.parts_of(request).keys.delete(request.path_params["key"])
    return Response(status_code=204)
