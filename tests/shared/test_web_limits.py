"""What comes in is refused while it comes in, and an address is believed from whom we name."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from cri_shared.settings import ServiceSettings
from cri_shared.testing.processes import free_port
from cri_shared.testing.waiting import eventually
from cri_shared.web import server as server_module
from cri_shared.web.limits import (
    MAX_DEPTH,
    MAX_MEMBERS,
    BeyondLimits,
    RequestLimits,
    TooLarge,
    TooTangled,
)
from cri_shared.web.server import Server
from pydantic import ValidationError
from pydantic_settings import SettingsConfigDict
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send


async def read(pieces: list[bytes], kind: str = "application/json", **headers: str) -> bytes:
    """What an app reads of a body that comes in pieces; limit 1,000,000 bytes."""
    told = {"content-type": kind, **{k.replace("_", "-"): v for k, v in headers.items()}}
    scope: Scope = {
        "type": "http",
        "headers": [(name.encode(), value.encode()) for name, value in told.items()],
    }
    coming: Iterator[bytes] = iter(pieces)
    left = len(pieces)
    got = b""

    async def receive() -> dict[str, Any]:
        nonlocal left
        left -= 1
        return {"type": "http.request", "body": next(coming), "more_body": left > 0}

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal got
        more = True
        while more:
            message = await receive()
            got += message["body"]
            more = message["more_body"]

    async def send(message: Any) -> None:
        raise AssertionError

    await RequestLimits(app, limit=1_000_000)(scope, receive, send)
    return got


def nested(levels: int) -> bytes:
    return b"[" * levels + b"]" * levels


class TestJson:
    @pytest.mark.parametrize(
        "body",
        [
            nested(MAX_DEPTH),
            b"[" + b"1," * (MAX_MEMBERS - 1) + b"1]",
            json.dumps({"text": '[[[ \\" {{{ ' * 100}).encode(),
            json.dumps("\\").encode() + b" " * 5,
        ],
    )
    async def test_what_people_send_comes_in_whole(self, body: bytes) -> None:
        assert await read([body]) == body

    @pytest.mark.parametrize(
        "body",
        [
            nested(MAX_DEPTH + 1),
            b'{"a":' * 100_000,
            b"[" + b"1," * (MAX_MEMBERS + 1),
            b'"\\\\"' + nested(MAX_DEPTH + 1),
            '"∀"'.encode("utf-16-le"),
        ],
    )
    @pytest.mark.parametrize("size", [1, 7, 10**6])
    async def test_what_is_too_deep_or_too_much_is_refused(self, body: bytes, size: int) -> None:
        pieces = [body[at : at + size] for at in range(0, min(len(body), 300_000), size)]
        with pytest.raises(TooTangled):
            await read(pieces)

    async def test_an_escape_may_lie_between_two_pieces(self) -> None:
        with pytest.raises(TooTangled):
            await read([b'"\\', b'""', nested(MAX_DEPTH + 1)])
        assert await read([b'"\\', b'" ', nested(MAX_DEPTH + 1), b'"'])

    async def test_other_bodies_are_not_looked_into(self) -> None:
        assert await read([nested(500)], kind="application/x-www-form-urlencoded")


class TestSize:
    async def test_an_announced_size_is_refused_before_a_byte_is_read(self) -> None:
        with pytest.raises(TooLarge):
            await read([], content_length="1000001")

    @pytest.mark.parametrize("announced", ["-1", "1e3", ""])
    async def test_so_is_one_that_is_no_number(self, announced: str) -> None:
        with pytest.raises(BeyondLimits):
            await read([], content_length=announced)

    async def test_a_body_that_grows_past_its_announcement_is_cut_off(self) -> None:
        with pytest.raises(TooLarge):
            await read([b"x" * 600_000] * 2, kind="text/plain", content_length="5")


@asynccontextmanager
async def told_address(trusted_proxies: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a real server that says whom it takes the client for."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        answer = PlainTextResponse(request.client.host if request.client else "nobody")
        await answer(scope, receive, send)

    port = free_port()
    server = Server(
        app, host="127.0.0.1", port=port, lifespan="off", trusted_proxies=trusted_proxies
    )
    running = asyncio.create_task(server._serve())  # without signal handlers
    await eventually(lambda: server.started)
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
        yield client
    server.stop()
    await running


async def test_an_answer_says_its_own_second_though_nothing_wakes_the_server_for_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with told_address("") as client:
        for second, told in ((1e9, "09 Sep 2001 01:46:40"), (2e9 + 0.9, "18 May 2033 03:33:20")):
            monkeypatch.setattr(server_module.time, "time", lambda second=second: second)
            for _ in range(2):
                assert told in (await client.get("/")).headers["date"]


class TestProxies:
    async def test_nobody_is_believed_unless_named(self) -> None:
        for trusted in ("", "192.0.2.0/24"):
            async with told_address(trusted) as client:
                answer = await client.get("/", headers={"X-Forwarded-For": "198.51.100.7"})
                assert answer.text == "127.0.0.1"

    async def test_the_nearest_that_is_no_proxy_of_ours_is_the_client(self) -> None:
        spoofed = "203.0.113.66, 198.51.100.7, 192.0.2.9"
        async with told_address("127.0.0.1,192.0.2.0/24") as client:
            answer = await client.get("/", headers={"X-Forwarded-For": spoofed})
            assert answer.text == "198.51.100.7"

    @pytest.mark.parametrize("wrong", ["*", "proxy.internal", "192.0.2.1/24", "300.0.0.1"])
    def test_a_setting_that_names_no_network_refuses_to_start(self, wrong: str) -> None:
        with pytest.raises(ValidationError, match="trusted_proxies"):
            settings(trusted_proxies=wrong)

    def test_addresses_become_networks(self) -> None:
        assert (
            settings(trusted_proxies=" 127.0.0.1, ::1 ").trusted_proxies == "127.0.0.1/32,::1/128"
        )


def settings(**told: Any) -> ServiceSettings:
    values: dict[str, Any] = {
        "service": "research",
        "public_url": "http://127.0.0.1:8002",
        "port": 8002,
        "database_url": "sqlite+aiosqlite:///x",
        "identity_database_url": "sqlite+aiosqlite:///x",
        "key_dir": "x",
        "identity_key_dir": "x",
    }

    class Settings(ServiceSettings):
        model_config = SettingsConfigDict(env_prefix="CRI_TEST_")

    return Settings(**values | told)
