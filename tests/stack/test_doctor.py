"""`cri doctor`: the checks of services, and whether they fit on their servers all at once."""

import asyncio
import os
from pathlib import Path

import pytest
from cri_shared.cli.connections import Share
from cri_shared.testing.postgres import PostgresServer
from cri_stack import bus, doctor, preparing
from cri_stack.layout import Layout

TWO = ("intake", "research")


@pytest.mark.nats
@pytest.mark.postgres
async def test_services_that_fit_alone_and_not_together_are_found(
    nats_url: str,
    postgres_server: PostgresServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (doctor, preparing):
        monkeypatch.setattr(module, "SERVICES", TWO)
    monkeypatch.setattr("os.umask", lambda _mask: 0)
    urls = {f"CRI_{s.upper()}_DATABASE_URL": postgres_server.create_database() for s in TWO}
    told = {**os.environ, **urls, "CRI_NATS_URL": nats_url, "CRI_PROCESSES": "10"}
    layout = Layout(tmp_path, environ=told)
    bus.users(layout)  # makes their seeds
    await asyncio.to_thread(preparing.prepare, layout)
    said: list[str] = []
    found = await asyncio.to_thread(doctor.examine, layout, said.append)
    assert [one.service for one in found if not one.good] == [None]
    assert doctor.Finding("intake", True, "nats") in found
    server = f"of the 197 connections of 127.0.0.1:{postgres_server.port}"
    assert said[0] == "intake"
    assert said.count("  ok      nats") == 2
    assert said.count(f"  ok      connections: up to 120 {server}") == 2
    assert said[-1].startswith(f"FAILED  up to 240 {server}: raise max_connections")
    assert not any("FAILED" in line for line in said[:-1])


def test_services_that_fit_together_are_well() -> None:
    said: list[str] = []
    shares = [Share("db:5432", 20, 97), Share("db:5432", 77, 97), Share("other:5432", 3, 10)]
    assert all(one.good for one in doctor._fit_together(shares, said.append))
    assert said == [
        "ok      up to 97 of the 97 connections of db:5432",
        "ok      up to 3 of the 10 connections of other:5432",
    ]
