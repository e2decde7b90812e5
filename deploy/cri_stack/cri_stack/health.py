"""Asking a part over HTTP how it is, without a library that is heavier than the question."""

import asyncio
import json
import urllib.error
import urllib.request
from typing import Any

SECONDS = 2.0
_direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(url: str, key: str = "") -> tuple[int, Any]:
    """(HTTP status, JSON body or None); status 0 where nobody answers."""
    request = urllib.request.Request(url)  # noqa: S310 - our own addresses
    if key:
        request.add_header("Authorization", f"Bearer {key}")
    try:
        with _direct.open(request, timeout=SECONDS) as answer:
            return answer.status, _json(answer.read())
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, _json(refused.read())
    except (OSError, ValueError):
        return 0, None


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None


async def answers_well(url: str) -> bool:
    """Whether an address answers 200."""
    code, _ = await asyncio.to_thread(ask, url)
    return code == 200


async def stands(url: str) -> bool:
    """Whether a service is ready for requests and has found what it stands on.

    What else degrades it (a dead letter, a gap) does not pass by waiting.
    """
    code, body = await asyncio.to_thread(ask, url)
    away = [reason for reason in reasons_in(body) if reason.endswith("-away")]
    return code == 200 and not away


def reasons_in(body: Any) -> list[str]:
    """Why a service says that it is not ready."""
    told = body.get("reasons") if isinstance(body, dict) else None
    return [str(reason) for reason in told] if isinstance(told, list) else []
