"""The OpenAPI document of a service: as FastAPI writes it, with the errors that we really give."""

from collections.abc import Iterator
from http import HTTPMethod
from typing import Annotated, Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from cri_shared.errors import Busy, Invalid, Refusal, Unavailable
from cri_shared.privacy.classes import C1
from cri_shared.web.failures import problem_body
from cri_shared.web.limits import TooLarge, TooTangled

SCHEMAS = "#/components/schemas/"
PROBLEM = "application/problem+json"
Responses = dict[int | str, dict[str, Any]]


def api_router(*tags: str, route_class: type[APIRoute] = APIRoute) -> APIRouter:
    """A router of a service's API; its operations are called as their functions are."""
    return APIRouter(
        prefix="/api/v1",
        tags=list(tags),
        route_class=route_class,
        generate_unique_id_function=lambda route: route.name,
    )


class Fault(BaseModel):
    """One thing that is wrong with what was sent."""

    pointer: Annotated[str, C1] = Field(
        description="JSON pointer to the field", examples=["/country"]
    )
    message: Annotated[str, C1] = Field(examples=["Field required"])


class Problem(BaseModel):
    """An error (RFC 9457). It never repeats what was sent."""

    type: Annotated[str, C1] = Field(
        description="a code for programs: it does not change", examples=["invalid"]
    )
    title: Annotated[str, C1] = Field(examples=["Unprocessable Entity"])
    status: Annotated[int, C1] = Field(examples=[422])
    detail: Annotated[str, C1] = Field(
        description="a sentence for people", examples=[Invalid.message]
    )
    errors: list[Fault] = Field(default=[], description="where something is wrong, if anywhere")


def problems(*refusals: type[Refusal]) -> Responses:
    """What a route says in `responses=` of the refusals that it may raise."""
    told: Responses = {}
    for refusal in refusals:
        raised = refusal()
        _add(told, raised.status, problem_body(raised.status, raised.slug, raised.message))
    return told


def _add(told: dict[Any, dict[str, Any]], status: int | str, body: dict[str, Any]) -> None:
    known = told.setdefault(status, {"description": body["title"]})
    content = known.setdefault("content", {}).setdefault(PROBLEM, {})
    content["schema"] = {"$ref": f"{SCHEMAS}Problem"}
    content.setdefault("examples", {})[body["type"]] = {"value": body}


class DescribedApp(FastAPI):
    """A FastAPI app whose OpenAPI document is true of its errors too."""

    def openapi(self) -> dict[str, Any]:
        """The document, made at the first question for it."""
        if self.openapi_schema is None:
            _tell_errors(super().openapi())
        assert self.openapi_schema is not None
        return self.openapi_schema


def operations_in(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(path, method in capitals, operation) of every operation, in the document's order."""
    methods = {method.lower() for method in HTTPMethod}
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in methods:
                yield path, method.upper(), operation


def _tell_errors(document: dict[str, Any]) -> None:
    """Put ours in the place of FastAPI's own error, which nobody ever gets."""
    found = [operation for _, _, operation in operations_in(document)]
    if not found:
        return
    for operation in found:
        told: dict[str, dict[str, Any]] = operation["responses"]
        everywhere: list[type[Refusal]] = [Unavailable, Busy]
        if "application/json" in told.get("422", {}).get("content", {}):
            del told["422"]
            everywhere.append(Invalid)
        for raised in (refusal() for refusal in everywhere):
            body = problem_body(raised.status, raised.slug, raised.message)
            _add(told, str(int(raised.status)), body)
        if "requestBody" in operation:
            for beyond in (TooLarge, TooTangled):
                body = problem_body(beyond.status, beyond.slug, beyond.words)
                _add(told, str(beyond.status), body)
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    _, ours = models_json_schema([(Problem, "serialization")], ref_template=SCHEMAS + "{model}")
    schemas.update(ours["$defs"])
