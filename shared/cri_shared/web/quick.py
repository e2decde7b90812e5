"""Routes of an API that are asked most: documented as all are, and answered with less ado.

FastAPI looks for dependencies, bodies and files at every request, which takes 0.5 ms of CPU.
"""

from collections.abc import Awaitable, Callable
from typing import Any, get_origin, get_type_hints
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ValidationError
from starlette.routing import request_response


class QuickRoute(APIRoute):
    """A GET whose endpoint takes the request and `parameters`, a model of its query: no more."""

    def __init__(
        self, path: str, endpoint: Callable[[Request, Any], Awaitable[Response]], **more: Any
    ) -> None:
        super().__init__(path, endpoint, **more)
        model: type[BaseModel] = get_type_hints(endpoint)["parameters"]
        several = _several(model)

        async def answer(request: Request) -> Response:
            return await endpoint(request, _read(model, several, request.scope["query_string"]))

        self.app = request_response(answer)


def _several(model: type[BaseModel]) -> frozenset[str]:
    """The parameters that may be repeated."""
    fields = model.model_fields.items()
    return frozenset(name for name, field in fields if _is_list(field.annotation))


def _is_list(kind: Any) -> bool:
    return get_origin(kind) is list


def _read(model: type[BaseModel], several: frozenset[str], query: bytes) -> BaseModel:
    """The parameters; raises as FastAPI does where they are not understood.

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
        errors = wrong.errors(include_url=False)
        told = [{**error, "loc": ("query", *error["loc"])} for error in errors]
        raise RequestValidationError(told) from None
