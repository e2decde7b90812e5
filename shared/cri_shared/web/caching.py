"""Answers that anybody may keep for a while: browsers, and what stands between them and us."""

import hashlib
from collections.abc import Sequence

from fastapi import Request, Response

TAG = "Cache-Tag"


def cacheable(
    request: Request,
    response: Response,
    *,
    seconds: int,
    stale: int,
    away: int = 0,
    tags: Sequence[str] = (),
    content: bytes | None = None,
) -> Response:
    """The response with a validator and a life, or 304 where the asker has the very same.

    Fresh for `seconds`; for `stale` more it may be shown while a newer one is fetched, and for
    `away` more while we do not answer. `tags` name what it tells of, for caches in front of us
    that can forget by tag. The body must depend on nothing but the address; where a part of it
    does (how long something took), `content` is the rest. What sets a cookie is not kept.
    """
    if "set-cookie" in response.headers:
        return response
    same = response.body if content is None else content
    tag = f'W/"{hashlib.sha256(same).hexdigest()[:24]}"'
    life = f"public, max-age={seconds}, stale-while-revalidate={stale}"
    headers = {"ETag": tag, "Cache-Control": f"{life}, stale-if-error={away}" if away else life}
    if tags:
        headers[TAG] = ",".join(tags)
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def _has(wanted: str, tag: str) -> bool:
    known = {each.strip().removeprefix("W/") for each in wanted.split(",")}
    return tag.removeprefix("W/") in known or "*" in known
