"""Asking an index that is reached by https: only one whose name is proven gets the key."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cri_shared.index.port import SearchUnavailable
from cri_shared.index.wire import Wire
from cri_shared.testing.certificates import Authority

from tests.index.test_wire import FINE, Server

HERE, ELSEWHERE = "127.0.0.1", "127.0.0.2"


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def trusted(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that whoever asks believes."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(authority.bundle))
    return authority


@asynccontextmanager
async def asking_safely(
    server: Server, authority: Authority, name: str = HERE, *, expired: bool = False
) -> AsyncIterator[Wire]:
    """A line to a server whose certificate says that it is at the address `name`."""
    proof = authority.issue(name, expired=expired)
    shown = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    shown.load_cert_chain(proof.certificate, proof.key)
    async with await asyncio.start_server(server, HERE, 0, ssl=shown) as listening:
        wire = Wire(f"https://{HERE}:{listening.sockets[0].getsockname()[1]}", "key", 5.0)
        yield wire
        await wire.close()


async def test_one_we_trust_is_asked_over_one_connection(trusted: Authority) -> None:
    async with asking_safely(server := Server(FINE), trusted) as wire:
        assert [await wire.post("search", {}) for _ in range(3)] == [{}, {}, {}]
    assert (server.asked, server.connected) == (3, 1)


async def test_one_nobody_vouches_for_gets_no_question(authority: Authority) -> None:
    async with asking_safely(server := Server(FINE), authority) as wire:
        with pytest.raises(SearchUnavailable):
            await wire.post("search", {})
    assert server.asked == 0


@pytest.mark.parametrize(("name", "expired"), [(ELSEWHERE, False), (HERE, True)])
async def test_one_with_papers_of_another_or_of_old_gets_no_question(
    trusted: Authority, name: str, expired: bool
) -> None:
    async with asking_safely(server := Server(FINE), trusted, name, expired=expired) as wire:
        with pytest.raises(SearchUnavailable):
            await wire.post("search", {})
    assert server.asked == 0
