"""Answers that anybody may keep for a while: browsers, and what stands between them and us."""

import hashlib

from fastapi import Request, Response


def cacheable(
    request: Request,
    response: Response,
    *,
    seconds: int,
    stale: int,
    content: bytes | None = None,
) -> Response:
    """The response with a validator and a life, or 304 where the asker has the very same.

    Fresh for `seconds`; for `stale` more it may be shown while a newer one is fetched. The body
    must depend on nothing but the address; where a part of it does (how long something took),
    `content` is the rest.
    """
    same = response.body if content is None else content
    tag = f'W/"{hashlib.sha256(same).hexdigest()[:24]}"'
    life = f"public, max-age={seconds}, stale-while-revalidate={stale}"
    headers = {"ETag": tag, "Cache-Control": life}
    if _has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def _has(wanted: str, tag: str) -> bool:
    known = {each.strip().removeprefix("W/") for each in wanted.split(",")}
    return tag.removeprefix("W/") in known or "*" in known
