"""Answers that anybody may keep: the same is not sent twice, and a changed one is."""

from typing import Any

import pytest
from cri_shared.web.caching import cacheable
from fastapi import Request, Response


def asked(**headers: str) -> Request:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return Request({"type": "http", "headers": raw})


def kept(body: str, request: Request, **options: Any) -> Response:
    return cacheable(request, Response(body), seconds=20, stale=60, **options)


def test_an_answer_has_a_life_and_a_validator() -> None:
    response = kept("a", asked())
    assert response.headers["cache-control"] == "public, max-age=20, stale-while-revalidate=60"
    assert response.headers["etag"].startswith('W/"')
    assert response.body == b"a"


@pytest.mark.parametrize("form", ["{}", '"x", {}', "*"])
def test_who_has_the_same_gets_nothing_again(form: str) -> None:
    tag = kept("a", asked()).headers["etag"]
    again = kept("a", asked(if_none_match=form.format(tag)))
    assert again.status_code == 304
    assert again.body == b""
    assert again.headers["etag"] == tag


def test_a_proxy_may_have_made_the_validator_strong() -> None:
    tag = kept("a", asked()).headers["etag"].removeprefix("W/")
    assert kept("a", asked(if_none_match=tag)).status_code == 304


def test_a_changed_answer_is_sent() -> None:
    tag = kept("a", asked()).headers["etag"]
    assert kept("b", asked(if_none_match=tag)).status_code == 200


def test_what_varies_by_itself_may_be_left_out() -> None:
    first = kept("took 1 ms", asked(), content=b"same")
    again = kept("took 2 ms", asked(if_none_match=first.headers["etag"]), content=b"same")
    assert again.status_code == 304
