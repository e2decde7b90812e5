"""Quick routes answer as FastAPI's own would, and leave out nothing that is declared."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, Any

import httpx
import pytest
from cri_shared.web.quick import NotQuick, QuickRoute
from fastapi import (
    APIRouter,
    BackgroundTasks,
    Body,
    Cookie,
    Depends,
    FastAPI,
    Form,
    Header,
    HTTPException,
    Query,
    Request,
    Security,
)
from fastapi.responses import Response
from fastapi.routing import APIRoute
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field

_bearer = HTTPBearer(auto_error=False)


class Asked(BaseModel):
    """The query of the route."""

    page: Annotated[int, Field(ge=1)] = 1
    topic: Annotated[list[str], Field(max_length=2)] = []


class Note(BaseModel):
    """The body of the route."""

    model_config = ConfigDict(extra="forbid")

    text: Annotated[str, Field(min_length=2)]
    tags: list[str] = []


async def counted(request: Request) -> int:
    """How often it was called for this request."""
    request.state.calls = getattr(request.state, "calls", 0) + 1
    return int(request.state.calls)


async def holder(
    calls: Annotated[int, Depends(counted)],
    given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    """Who asks; refuses without a key."""
    if given is None:
        raise HTTPException(401)
    return f"{given.credentials}/{calls}"


async def noted(
    request: Request,
    calls: Annotated[int, Depends(counted)],
    who: Annotated[str, Depends(holder)],
    asked: Annotated[Asked, Query()],
    note: Note,
) -> Response:
    """Says everything that it was given."""
    told = [calls, who, asked.model_dump(), note.model_dump(), await request.json()]
    return Response(json.dumps(told), 201, media_type="application/json")


def app_of(route_class: type[APIRoute], **router: Any) -> FastAPI:
    """An app with the route, made by FastAPI or by us."""
    own = APIRouter(route_class=route_class, **router)
    own.post("/notes")(noted)
    app = FastAPI()
    app.router.routes.extend(own.routes)
    return app


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://cri") as client:
        yield client


KEY, JSON = {"Authorization": "Bearer k"}, {"Content-Type": "application/json"}
GOOD = b'{"text": "some text"}'
REQUESTS: dict[str, tuple[str, dict[str, str], bytes]] = {
    "good": ("?page=2&topic=a&topic=b", KEY | JSON, GOOD),
    "without-query": ("", KEY | JSON, GOOD),
    "last-of-repeated": ("?page=2&page=3", KEY | JSON, GOOD),
    "without-key": ("", JSON, GOOD),
    "broken-json-without-key": ("", JSON, b"{"),
    "no-text-at-all": ("", KEY | JSON, b"\xff\xfe"),
    "no-body": ("", KEY | JSON, b""),
    "no-type": ("", KEY, GOOD),
    "another-type": ("", KEY | {"Content-Type": "text/plain"}, GOOD),
    "json-by-another-name": ("", KEY | {"Content-Type": "application/a+json; v=1"}, GOOD),
    "wrong-everywhere": ("?page=0&topic=a&topic=b&topic=c", KEY | JSON, b'{"text": "", "a": 1}'),
    "a-list": ("", KEY | JSON, b"[]"),
    "null": ("", KEY | JSON, b"null"),
}


@pytest.mark.parametrize("name", REQUESTS)
async def test_it_answers_as_fastapi_does(name: str) -> None:
    query, headers, body = REQUESTS[name]
    answers = []
    for route_class in (APIRoute, QuickRoute):
        async with client_of(app_of(route_class)) as client:
            answers.append(await client.post(f"/notes{query}", headers=headers, content=body))
    theirs, ours = answers
    assert ours.status_code == theirs.status_code
    assert _said(ours) == _said(theirs)


def _said(answer: httpx.Response) -> Any:
    """An answer; of what is wrong, where and why, without what was sent and its ending."""
    told = answer.json()
    wrong = told.get("detail") if isinstance(told, dict) else None
    if not isinstance(wrong, list):
        return told
    return [(error["type"], error["loc"], error["msg"]) for error in wrong]


async def test_what_the_whole_router_depends_on_is_asked_too() -> None:
    async def closed() -> None:
        raise HTTPException(403)

    async with client_of(app_of(QuickRoute, dependencies=[Depends(closed)])) as client:
        assert (await client.post("/notes", headers=KEY | JSON, content=GOOD)).status_code == 403


def test_it_is_described_as_fastapi_describes_it() -> None:
    assert app_of(QuickRoute).openapi() == app_of(APIRoute).openapi()


async def plain() -> Response:
    """An endpoint that takes nothing."""
    return Response()


async def with_cookie(it: Annotated[str, Cookie()]) -> Response:
    return Response(it)


async def with_form(it: Annotated[str, Form()]) -> Response:
    return Response(it)


async def with_loose_query(it: int) -> Response:
    return Response(str(it))


async def with_path(it: str) -> Response:
    return Response(it)


async def with_tasks(tasks: BackgroundTasks) -> Response:
    return Response(str(tasks))


async def with_response(response: Response) -> Response:
    return response


async def with_words() -> dict[str, str]:
    return {}


def in_a_thread() -> Response:
    return Response()


def of_a_thread() -> int:
    return 1


async def to_be_closed() -> AsyncIterator[int]:
    yield 1


async def with_header(it: Annotated[str, Header()]) -> Response:
    return Response(it)


async def with_pieces(one: Annotated[str, Body()], two: Annotated[str, Body()]) -> Response:
    return Response(one + two)


async def with_embedded(it: Annotated[Note, Body(embed=True)]) -> Response:
    return Response(it.text)


async def without_need(it: Note | None = None) -> Response:
    return Response(str(it))


def _needs(dependency: Any) -> Callable[..., Awaitable[Response]]:
    async def endpoint(it: Annotated[Any, dependency]) -> Response:
        return Response(str(it))

    return endpoint


UNKNOWN: dict[str, Callable[..., Any]] = {
    "cookie": with_cookie,
    "header": with_header,
    "pieces-of-a-body": with_pieces,
    "embedded-body": with_embedded,
    "body-that-may-be-left-out": without_need,
    "form": with_form,
    "loose-query": with_loose_query,
    "path": with_path,
    "background-tasks": with_tasks,
    "response-to-fill": with_response,
    "no-response": with_words,
    "sync-endpoint": in_a_thread,
    "sync-dependency": _needs(Depends(of_a_thread)),
    "dependency-to-close": _needs(Depends(to_be_closed)),
    "dependency-with-a-header": _needs(Depends(with_header)),
    "dependency-without-memory": _needs(Depends(counted, use_cache=False)),
    "scopes-of-security": _needs(Security(counted, scopes=["a"])),
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_it_cannot_solve_is_refused_when_it_is_made(name: str) -> None:
    path = "/{it}" if name == "path" else "/"
    with pytest.raises(NotQuick):
        QuickRoute(path, UNKNOWN[name], methods=["POST"])


def test_limits_of_its_own_are_refused() -> None:
    with pytest.raises(NotQuick):
        QuickRoute("/", plain, max_body_size=10)
