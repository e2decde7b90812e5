"""The API of every service, described for programs and for people, and served to everybody."""

import re
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any

import httpx
import pytest
from cri_shared.events import SERVICES
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from cri_shared.web.openapi import PROBLEM, operations_in

OFFERING = ("intake", "search")


@pytest.fixture(params=SERVICES)
async def client(
    request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[httpx.AsyncClient]:
    """A client of each service."""
    package = f"cri_{request.param}"
    settings = settings_for(import_module(f"{package}.settings").Settings, tmp_path)
    async with running(import_module(f"{package}.app").create_app(settings)) as client:
        client.headers["x-service"] = request.param
        yield client


async def document_of(client: httpx.AsyncClient) -> dict[str, Any]:
    document: dict[str, Any] = (await client.get("/api/openapi.json")).json()
    return document


class TestTheDocument:
    async def test_every_operation_is_described_and_says_what_it_answers(
        self, client: httpx.AsyncClient
    ) -> None:
        document = await document_of(client)
        found = list(operations_in(document))
        assert bool(found) is (client.headers["x-service"] in OFFERING)
        for path, _, told in found:
            assert path.startswith("/api/v1/")
            assert told["description"]
            for parameter in told.get("parameters", []):
                assert parameter["in"] == "path" or parameter.get("description"), parameter
            good = [one for status, one in told["responses"].items() if status[0] == "2"]
            assert good
            assert all(one["content"]["application/json"]["schema"] for one in good)

    async def test_every_error_is_one_of_ours(self, client: httpx.AsyncClient) -> None:
        document = await document_of(client)
        for _, _, told in operations_in(document):
            for status, one in told["responses"].items():
                if status[0] != "2":
                    assert list(one["content"]) == [PROBLEM]
                    examples = one["content"][PROBLEM]["examples"]
                    assert {str(e["value"]["status"]) for e in examples.values()} == {status}

    async def test_operations_have_names_of_their_own(self, client: httpx.AsyncClient) -> None:
        found = list(operations_in(await document_of(client)))
        assert len({told["operationId"] for _, _, told in found}) == len(found)

    async def test_everything_it_refers_to_is_there(self, client: httpx.AsyncClient) -> None:
        answer = await client.get("/api/openapi.json")
        schemas = answer.json().get("components", {}).get("schemas", {})
        assert set(re.findall(r"#/components/schemas/(\w+)", answer.text)) <= set(schemas)


class TestThePage:
    @pytest.mark.parametrize(
        ("asked", "language", "word"),
        [
            ("?lang=nl", "nl", "Voor ontwikkelaars"),
            ("?lang=fr", "fr", "Pour les développeurs"),
            ("?lang=en", "en", "For developers"),
            ("", "fr", "Pour les développeurs"),
            ("?lang=xx", "fr", "Pour les développeurs"),
        ],
    )
    async def test_it_speaks_the_readers_language(
        self, client: httpx.AsyncClient, asked: str, language: str, word: str
    ) -> None:
        page = await client.get(f"/api/docs{asked}", headers={"Accept-Language": "fr-BE"})
        assert page.status_code == 200
        assert f'<html lang="{language}"' in page.text
        assert word in page.text
        assert "Accept-Language" in page.headers["vary"]

    async def test_it_shows_every_operation_and_leads_to_both_documents(
        self, client: httpx.AsyncClient
    ) -> None:
        page = (await client.get("/api/docs")).text
        for path, method, told in operations_in(await document_of(client)):
            assert f'id="{told["operationId"]}"' in page
            assert f"{method} {path}" in page
        assert 'href="/api/openapi.json"' in page
        assert 'href="/api/asyncapi.json"' in page
        offers = client.headers["x-service"] in OFFERING
        assert ("This service has no API for programs." in page) is not offers

    async def test_it_needs_no_script_and_nobody_else(self, client: httpx.AsyncClient) -> None:
        page = await client.get("/api/docs")
        assert "<script" not in page.text
        assert " style=" not in page.text
        assert "<style" not in page.text
        for address in re.findall(r'<(?:link|img)[^>]* (?:href|src)="([^"]+)"', page.text):
            assert address.startswith(("/static/", str(client.base_url))), address
        assert "default-src 'none'" in page.headers["content-security-policy"]

    async def test_who_has_it_is_not_sent_it_again(self, client: httpx.AsyncClient) -> None:
        first = await client.get("/api/docs")
        again = await client.get("/api/docs", headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
