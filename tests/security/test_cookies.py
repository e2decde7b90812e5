"""Every cookie is for its host alone, out of reach of scripts, and goes when it is taken back."""

import ast
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from cri_shared.settings import ServiceSettings
from cri_shared.web.cookies import drop_cookie, keep_cookie
from fastapi.responses import Response

ROOT = Path(__file__).parents[2]
ROOM = ROOT / "shared/cri_shared/web/cookies.py"


def at(public_url: str) -> ServiceSettings:
    return ServiceSettings.model_construct(public_url=public_url, service="intake")


def given(response: Response) -> Morsel[Any]:
    (morsel,) = SimpleCookie(response.headers["set-cookie"]).values()
    return morsel


def test_no_cookie_is_made_elsewhere() -> None:
    calls = {
        f"{file.relative_to(ROOT)}:{node.lineno}"
        for part in ("shared", "services", "deploy")
        for file in ROOT.glob(f"{part}/**/*.py")
        if file != ROOM
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Attribute) and node.attr in ("set_cookie", "delete_cookie")
    }
    assert calls == set()


@pytest.mark.parametrize("samesite", ["lax", "strict"])
def test_every_cookie_is_for_its_host_alone(samesite: Any) -> None:
    response = Response()
    keep_cookie(response, at("https://ask.cri.example"), "cri_asker", "t", samesite=samesite)
    cookie = given(response)
    assert cookie.key == "__Host-cri_asker"
    assert cookie["secure"]
    assert cookie["httponly"]
    assert cookie["samesite"] == samesite
    assert (cookie["path"], cookie["domain"]) == ("/", "")


def test_what_is_taken_back_is_said_in_the_words_in_which_it_was_given() -> None:
    response = Response()
    drop_cookie(response, at("https://ask.cri.example"), "cri_asker")
    cookie = given(response)
    assert (cookie.key, cookie.value, cookie["max-age"]) == ("__Host-cri_asker", "", "0")
    assert cookie["secure"]  # a browser takes no cookie with that prefix without it


def test_on_this_machine_there_is_no_prefix_because_there_is_no_tls() -> None:
    response = Response()
    keep_cookie(response, at("http://127.0.0.1:8001"), "cri_asker", "t")
    cookie = given(response)
    assert cookie.key == "cri_asker"
    assert not cookie["secure"]
    assert cookie["httponly"]
