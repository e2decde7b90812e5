"""What a provider signed in another's name, or for somebody else, lets nobody in."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from cri_shared.identity.provider import BACK
from cri_shared.testing.attempts import refused_at
from cri_shared.testing.web import running
from structlog.testing import capture_logs

from tests.shared.forging_provider import CLIENT, ForgingProvider, listening
from tests.shared.toy_console import Console, build

SAID = "signed for somebody else, or by another"


@pytest.fixture
async def provider() -> AsyncIterator[ForgingProvider]:
    async with listening() as made:
        yield made


@pytest.fixture
async def console(provider: ForgingProvider, tmp_path: Path) -> AsyncIterator[Console]:
    app = build(
        "intake",
        tmp_path,
        oidc_issuer=provider.issuer,
        oidc_client_id=CLIENT,
        oidc_client_secret="a secret",
        oidc_roles={"helpdesk": ["officer"]},
    )
    async with running(app) as client:
        yield Console(app, client)


async def come_back(console: Console, provider: ForgingProvider, **query: str) -> httpx.Response:
    """Leave for the provider and come straight back, with a token that it signs now."""
    left = await console.client.get("/console/sign-in/provider")
    asked = parse_qs(urlsplit(left.headers["location"]).query)
    provider.nonce = asked["nonce"][0]
    back = {"code": "any", "state": asked["state"][0], **query}
    return await console.client.get(BACK, params=back)


async def test_only_the_issuer_that_we_know_and_only_what_is_for_us(
    console: Console, provider: ForgingProvider
) -> None:
    lies: list[tuple[dict[str, Any], str]] = [
        ({"iss": "https://another.example"}, "iss"),
        ({"iss": f"{provider.issuer}/"}, "iss"),
        ({"aud": "another-client"}, "aud"),
        ({"aud": ["another-client", "a-third"]}, "aud"),
        ({"aud": [CLIENT, "another-client"], "azp": "another-client"}, "azp"),
    ]
    for claims, reason in lies:
        provider.claims = claims
        with capture_logs() as logs:
            refused = await come_back(console, provider)
        assert (refused.status_code, SAID in refused.text) == (422, True), claims
        told = [line["reason"] for line in logs if line["event"] == "identity.provider.not_ours"]
        assert told == [reason]
    assert await console.app.state.service.identity.everybody() == []
    counted = await refused_at(console.app.state.service)
    assert counted == {("provider.refused", "unknown"): len(lies)}
    assert "cri_intake" not in console.client.cookies
    provider.claims = {}
    assert (await come_back(console, provider)).headers["location"] == "/console"


async def test_an_answer_in_another_name_is_refused(
    console: Console, provider: ForgingProvider
) -> None:
    mixed_up = await come_back(console, provider, iss="https://another.example")
    assert (mixed_up.status_code, SAID in mixed_up.text) == (422, True)


async def test_a_provider_that_calls_itself_otherwise_is_not_gone_to(
    console: Console, provider: ForgingProvider
) -> None:
    provider.metadata = {"issuer": "https://another.example"}
    refused = await console.client.get("/console/sign-in/provider")
    assert (refused.status_code, SAID in refused.text) == (422, True)


async def test_what_is_old_replayed_or_not_whole_is_refused(
    console: Console, provider: ForgingProvider
) -> None:
    lies: list[dict[str, Any]] = [
        {"exp": 1},
        {"nonce": "of another trip"},
        {"iat": None},
        {"sub": None},
    ]
    for claims in lies:
        provider.claims = claims
        refused = await come_back(console, provider)
        assert (refused.status_code, "did not let you in" in refused.text) == (422, True), claims
