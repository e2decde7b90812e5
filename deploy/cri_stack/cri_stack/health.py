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


async def answers_well(url: str, status: str = "") -> bool:
    """Whether an address answers 200, and with this `status` in its body where one is given."""
    code, body = await asyncio.to_thread(ask, url)
    good = code == 200
    return good and (not status or (isinstance(body, dict) and body.get("status") == status))
