"""Routes of an API that are asked most: declared as all are, and answered with less ado.

FastAPI goes through dependencies, parameters, bodies and files anew at every request, which takes
0.5 to 0.7 ms of CPU. Here that is done once, when the route is made; what is not known here is
refused then, so nothing that is declared can be left out.
"""

import dataclasses
import inspect
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, get_origin, get_type_hints
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.params import Form
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from starlette.exceptions import HTTPException
from starlette.routing import request_response

_Made = list[Any]  # the request, and what each dependency gave
_Places = Mapping[str, int]  # by the name of a parameter, where among these its value is
_ASKS_NOTHING = Dependant()
_NO_BODY = {"type": "missing", "loc": ("body",), "msg": "Field required", "input": None}
_KNOWN_OF_ALL = {"dependencies", "name", "call", "path", "scope", "parent_oauth_scopes"}
_KNOWN_OF_ALL |= {"request_param_name", "http_connection_param_name"}
_KNOWN_OF_ENDPOINTS = _KNOWN_OF_ALL | {"query_params", "body_params"}


class NotQuick(TypeError):
    """A route declares what only FastAPI itself knows how to solve."""


class QuickRoute(APIRoute):
    """A route that is planned when it is made; raises `NotQuick` where it cannot be.

    Its endpoint gives a `Response`. It may take the request, a model of the query, one of a body of
    JSON, and dependencies that take the request and each other; all are `async def`.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **more: Any) -> None:
        super().__init__(path, endpoint, **more)
        if self.max_body_size is not None or self.form_limits:
            raise NotQuick(f"{endpoint.__name__}: it has limits of its own")
        self.app = request_response(_planned(self))


def _planned(route: APIRoute) -> Callable[[Request], Awaitable[Response]]:
    endpoint, declared = route.endpoint, route.dependant
    if not _gives_responses(endpoint):
        raise NotQuick(f"{endpoint.__name__}: it gives no Response")
    steps: dict[Any, tuple[int, _Places]] = {}
    places = _plan(declared, _KNOWN_OF_ENDPOINTS, steps)
    queries = {field.name: _model_of(field.field_info) for field in declared.query_params}
    bodies = declared.body_params
    if len(queries) > 1 or len(bodies) > 1 or not all(map(_is_whole_json, bodies)):
        raise NotQuick(f"{endpoint.__name__}: it takes a form, or pieces of a query or body")

    async def answer(request: Request) -> Response:
        body = await _json(request) if bodies else None
        made: _Made = [request]
        for call, (_, takes) in steps.items():
            made.append(await call(**{name: made[place] for name, place in takes.items()}))
        given = {name: made[place] for name, place in places.items()}
        errors: list[Any] = []
        for name, (model, several) in queries.items():
            given[name] = _read(model, several, request.scope["query_string"], errors)
        for field in bodies:
            if body is PydanticUndefined:
                errors.append(_NO_BODY)
            else:
                given[field.name], wrong = field.validate(body, {}, loc=("body",))
                errors += wrong
        if errors:
            raise RequestValidationError(errors)
        response: Response = await endpoint(**given)
        return response

    return answer


def _plan(
    declared: Dependant, known: set[str], steps: dict[Any, tuple[int, _Places]]
) -> dict[str, int]:
    """What a callable takes, by place; the calls that make it go to `steps`, each of them once."""
    call: Any = declared.call
    if not _is_async(call):
        raise NotQuick(f"{call}: it is not async, or gives what must be closed")
    for field in dataclasses.fields(Dependant):
        told, nothing = getattr(declared, field.name), getattr(_ASKS_NOTHING, field.name)
        if field.name not in known and (told or None) != (nothing or None):
            raise NotQuick(f"{call}: {field.name} of a dependency is not known here")
    takes = {}
    for name in (declared.request_param_name, declared.http_connection_param_name):
        if name is not None:
            takes[name] = 0
    for below in declared.dependencies:
        its = _plan(below, _KNOWN_OF_ALL, steps)
        place, _ = steps.setdefault(below.call, (len(steps) + 1, its))
        if below.name is not None:
            takes[below.name] = place
    return takes


def _is_async(call: Any) -> bool:
    of_object = getattr(call, "__call__", None)  # noqa: B004 - how an object with state is called
    return inspect.iscoroutinefunction(call) or inspect.iscoroutinefunction(of_object)


def _gives_responses(endpoint: Callable[..., Any]) -> bool:
    given = get_type_hints(endpoint).get("return")
    return isinstance(given, type) and issubclass(given, Response)


def _is_whole_json(body: Any) -> bool:
    told = body.field_info
    return not isinstance(told, Form) and not told.embed and bool(told.is_required())


async def _json(request: Request) -> Any:
    """The body as FastAPI reads it: JSON where it says so, raw where not; raises as it does."""
    raw = await request.body()
    if not raw:
        return PydanticUndefined
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    main, _, sub = kind.partition("/")
    if main != "application" or not (sub == "json" or sub.endswith("+json")):
        return raw
    try:
        return await request.json()
    except json.JSONDecodeError as wrong:
        place = {"type": "json_invalid", "loc": ("body", wrong.pos), "msg": "JSON decode error"}
        raise RequestValidationError([{**place, "input": {}}]) from wrong
    except ValueError as wrong:  # no text at all
        raise HTTPException(400, "There was an error parsing the body") from wrong


def _model_of(told: FieldInfo) -> tuple[type[BaseModel], frozenset[str]]:
    """A model of a query, and its parameters that may be repeated."""
    kind = told.annotation
    if not (isinstance(kind, type) and issubclass(kind, BaseModel)):
        raise NotQuick(f"{kind}: a parameter of a query that is no model")
    fields = kind.model_fields.items()
    return kind, frozenset(name for name, field in fields if get_origin(field.annotation) is list)


def _read(
    model: type[BaseModel], several: frozenset[str], query: bytes, errors: list[Any]
) -> BaseModel | None:
    """The parameters as a model; what is wrong with them goes to `errors`, as FastAPI says it.

    Of a parameter that may not be repeated the last counts, as Starlette reads it.
    """
    given: dict[str, Any] = {}
    for name, value in parse_qsl(query.decode("latin-1"), keep_blank_values=True):
        if name in several:
            given.setdefault(name, []).append(value)
        else:
            given[name] = value
    try:
        return model.model_validate(given)
    except ValidationError as wrong:
        told = wrong.errors(include_url=False)
        errors += [{**error, "loc": ("query", *error["loc"])} for error in told]
        return None
