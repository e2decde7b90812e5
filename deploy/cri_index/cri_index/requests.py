"""What routes read from a request (who asks, checked parameters, JSON within limits) and answer."""

import re
from dataclasses import dataclass
from typing import Any

from pydantic_core import PydanticSerializationError, from_json, to_json
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from cri_index.catalogue import Catalogue, Index
from cri_index.errors import ApiError, bad_request, half_a_character
from cri_index.keys import Grant, Keys
from cri_index.tasks import Journal
from cri_index.worker import Worker

LARGEST_BODY = 100 << 20
_UID = re.compile(r"[A-Za-z0-9_-]{1,400}")
_MOST_LISTED = 1_000
_MOST_DIGITS = 15


@dataclass(frozen=True, slots=True)
class Window:
    """Which of many things are asked for."""

    offset: int
    limit: int

    def of(self, found: list[Any]) -> dict[str, Any]:
        """The JSON body with those among all."""
        return self.body(found[self.offset : self.offset + self.limit], len(found))

    def body(self, results: list[Any], total: int) -> dict[str, Any]:
        """The JSON body with those of so many."""
        return {"results": results, "offset": self.offset, "limit": self.limit, "total": total}


@dataclass(frozen=True, slots=True)
class Parts:
    """What the routes work with."""

    catalogue: Catalogue
    journal: Journal
    worker: Worker
    keys: Keys

    def enqueue(self, kind: str, index: str | None, payload: Any) -> dict[str, Any]:
        """Write a task down and let the worker know."""
        summary = self.journal.add(kind, index, payload)
        self.worker.wake()
        return summary


def parts_of(request: Request) -> Parts:
    """The parts of the app that a request came to."""
    parts: Parts = request.app.state.parts
    return parts


def allow(request: Request, action: str, index: str | None = None) -> Grant:
    """The grant of whoever asks; ApiError 401 or 403 where it does not cover the action."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    given = token if scheme.lower() == "bearer" and token else None
    return parts_of(request).keys.check(given, action, index)


def uid_of(request: Request) -> str:
    """The index uid in the path; ApiError 400."""
    return checked_uid(request.path_params["uid"])


def checked_uid(uid: Any) -> str:
    """The uid if it may be one; ApiError 400."""
    if not isinstance(uid, str) or not _UID.fullmatch(uid):
        raise bad_request(
            "invalid_index_uid",
            "An index uid holds only letters, digits, hyphens and underscores, at most 400.",
        )
    return uid


def index_of(request: Request) -> Index:
    """The index in the path; ApiError 404."""
    return parts_of(request).catalogue.get(uid_of(request))


def parameters(request: Request, *known: str) -> dict[str, str]:
    """The query parameters; ApiError 400 where one is not known."""
    found = dict(request.query_params)
    if not set(found) <= set(known):
        raise bad_request("bad_request", f"Unknown parameter: expected some of {sorted(known)}.")
    return found


def window(given: dict[str, str], kind: str) -> Window:
    """Which things of a kind are asked for, a thousand at most; ApiError 400."""
    return Window(_count(given, "offset", kind, 0), limit(given, kind))


def limit(given: dict[str, str], kind: str) -> int:
    """How many things of a kind are asked for, a thousand at most; ApiError 400."""
    return min(_count(given, "limit", kind, 20), _MOST_LISTED)


def _count(given: dict[str, str], name: str, kind: str, default: int) -> int:
    value = given.get(name, str(default))
    if not (value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS):
        raise bad_request(
            f"invalid_{kind}_{name}",
            f"Invalid value in parameter `{name}`: could not parse `{value}` as a positive integer",
        )
    return int(value)


async def json_of(request: Request) -> Any:
    """The JSON body; ApiError 400, 413 or 415."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind != "application/json":
        code = "invalid_content_type" if kind else "missing_content_type"
        raise ApiError(415, code, "Accepted values for Content-Type are: `application/json`.")
    pieces: list[bytes] = []
    size = 0
    async for piece in request.stream():
        size += len(piece)
        if size > LARGEST_BODY:
            raise ApiError(413, "payload_too_large", "The payload is larger than 100 MiB.")
        pieces.append(piece)
    try:
        return from_json(b"".join(pieces), allow_inf_nan=False)
    except ValueError:
        raise bad_request("malformed_payload", "The JSON payload is malformed.") from None


def object_of(body: Any, *known: str) -> dict[str, Any]:
    """The body if it is an object of these fields; ApiError 400."""
    if not isinstance(body, dict) or not set(body) <= set(known):
        raise bad_request("bad_request", f"Expected an object of {', '.join(known)}.")
    return body


def array_of(body: Any, most: int) -> list[Any]:
    """The body if it is an array of no more items; ApiError 400."""
    if not isinstance(body, list) or len(body) > most:
        raise bad_request("bad_request", f"Expected an array of at most {most} items.")
    return body


def accepted(request: Request, kind: str, index: str | None, payload: Any) -> JSONResponse:
    """Write a task down; the answer says which it is."""
    return JSONResponse(parts_of(request).enqueue(kind, index, payload), 202)


def written(body: dict[str, Any]) -> Response:
    """Documents as JSON, in a quarter of the time of Python's own writer."""
    try:
        return Response(to_json(body), media_type="application/json")
    except PydanticSerializationError:
        raise half_a_character() from None
