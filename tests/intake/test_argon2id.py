"""Argon2id takes the memory of one, however many numbers and passwords come at once."""

import asyncio
import threading
from typing import Any

import pytest
from argon2 import low_level
from cri_intake.actions import askers
from cri_intake.models import Case
from cri_shared.identity.secrets import hash_password, verify_password
from cri_shared.privacy.receipts import format_receipt, new_receipt
from sqlalchemy import select

from tests.intake.conftest import Intake


class Watched:
    """The library of Argon2id, and the threads that called it: each keeps what one needs."""

    def __init__(self, library: Any) -> None:
        self._library = library
        self.threads: list[int] = []

    def __getattr__(self, name: str) -> Any:
        if name in ("argon2_hash", "argon2_verify"):
            self.threads.append(threading.get_ident())
        return getattr(self._library, name)


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    name = f"{low_level.__name__}.lib"
    library = Watched(vars(low_level)["lib"])
    monkeypatch.setattr(name, library)
    return library


async def test_numbers_and_passwords_are_worked_on_in_one_thread(
    intake: Intake, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(askers, "HARDENING_SECONDS", 60.0)
    for number in range(3):
        assert (await intake.post(f"{number:016d}")).status_code == 201
    tries = [{"receipt": format_receipt(new_receipt())} for _ in range(6)]
    kept = await hash_password("a long and a good one")
    watched.threads.clear()
    done = await asyncio.gather(
        verify_password("a long and a good one", kept),
        verify_password("a long and a bad one", kept),
        intake.rig.service.clockwork.do_duties(all_now=True),
        *(hash_password("a long and a good one") for _ in range(3)),
        *(intake.client.post("/en/follow", data=one) for one in tries),
    )
    assert done[:2] == [(True, None), (False, None)]
    async with intake.rig.service.database.reading() as session:
        assert set(await session.scalars(select(Case.receipt_is_slow))) == {True}
    assert len(watched.threads) == 2 + 3 + 3 + 6
    assert len(set(watched.threads)) == 1
