"""Intake's parts, as its handlers and routes find them."""

import asyncio
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Annotated

from cri_shared.errors import Refusal
from cri_shared.places.languages import PUBLIC_LANGUAGES
from cri_shared.privacy.keys_ahead import KeysAhead
from cri_shared.privacy.keystore import KeyStore
from cri_shared.privacy.vault import SealedText
from cri_shared.retention.ledger import Ledger
from cri_shared.service import Service
from cri_shared.web.i18n import Words
from fastapi import Depends, Request
from sqlalchemy.exc import IntegrityError

from cri_intake.settings import Settings


@dataclass
class Rig:
    """The shared parts, and the store of the keys of cases and research questions."""

    service: Service
    settings: Settings
    keys: KeyStore
    _words: dict[str, Words] = field(default_factory=dict)
    _underway: dict[tuple[str, str], asyncio.Event] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ahead = {
            "case": KeysAhead(self.keys, "case"),
            # A text that research sent back leaves under a new id: what was unsafe in the first
            # is erased with its key, and nobody outside can lay the two side by side.
            "research": KeysAhead(self.keys, "research", lambda: str(uuid.uuid4())),
        }

    @property
    def ledger(self) -> Ledger:
        """Where it is written down what was erased; it destroys the keys."""
        return self.service.ledger

    @property
    def pepper(self) -> bytes:
        """The secret without which a stored receipt cannot be tried."""
        return self.service.ring.secret("receipts")

    @property
    def contact_secret(self) -> bytes:
        """The secret of the blind index of askers' addresses and numbers."""
        return self.service.ring.secret("asker-contacts")

    @property
    def salt(self) -> bytes:
        """This installation's salt for receipts."""
        return self.service.ring.secret("receipts-salt")[:16]

    def words(self, language: str) -> Words:
        """The words for a letter to somebody: in their language where it is one of ours."""
        known = language if language in PUBLIC_LANGUAGES else "en"
        if known not in self._words:
            self._words[known] = Words(("cri_intake", "cri_shared"), known)
        return self._words[known]

    async def sealed(self, owner: str) -> SealedText:
        """Seals and opens the texts of an owner such as `case:<id>`; raises `Erased`."""
        kind, _, owner_id = owner.partition(":")
        return SealedText(await self.keys.get(kind, owner_id), owner)

    @asynccontextmanager
    async def after_the_first(self, request: tuple[str, str]) -> AsyncIterator[None]:
        """Wait while the same request, that came first, is under way in this process.

        Whoever repeats it a thousand times would otherwise have a thousand writers wait for each
        other, the last of them in vain. Where the first fails, all others try for themselves.
        """
        if first := self._underway.get(request):
            await first.wait()
            yield
            return
        done = self._underway[request] = asyncio.Event()
        try:
            yield
        finally:
            del self._underway[request]
            done.set()

    @asynccontextmanager
    async def new_owner(self, kind: str) -> AsyncIterator[tuple[str, bytes]]:
        """The id, random, and the key of a case or research question that the block records.

        The key goes when the block is refused. After any other failure it stays: a commit whose
        answer got lost may have succeeded, and a key without an owner is swept up later.
        """
        owner_id, key = await self.ahead[kind].take()
        try:
            yield owner_id, key
        except (Refusal, IntegrityError):
            await self.keys.destroy(kind, owner_id)
            raise

    async def close(self) -> None:
        """Let go of the keys."""
        for ahead in self.ahead.values():
            await ahead.close()
        await self.keys.close()


async def rig_of(request: Request) -> Rig:
    """The parts behind a request."""
    rig: Rig = request.app.state.rig
    return rig


InRig = Annotated[Rig, Depends(rig_of)]
