"""Publishing's parts, as its handlers and routes find them."""

from dataclasses import dataclass
from typing import Annotated

from cri_shared.index.port import SearchIndex
from cri_shared.privacy.keystore import KeyStore
from cri_shared.privacy.vault import SealedText
from cri_shared.service import Service
from fastapi import Depends, Request

from cri_publishing.settings import Settings

KEY_KIND = "draft"


@dataclass
class Rig:
    """The shared parts, the keys of the drafts, and the public index."""

    service: Service
    settings: Settings
    keys: KeyStore
    index: SearchIndex
    index_is_ready: bool = False  # its settings were sent by this process

    @property
    def readers_key(self) -> bytes:
        """The key under which what readers wrote of mistakes is sealed."""
        return self.service.ring.secret("readers")

    async def vault(self, key_id: str) -> SealedText:
        """Seals and opens what is drafted for a research question or an entry.

        Raises `Erased` where the key was destroyed.
        """
        return SealedText(await self.keys.get(KEY_KIND, key_id), key_id)

    async def new_vault(self, key_id: str) -> SealedText:
        """The same, with a key made where there is none yet."""
        return SealedText(await self.keys.ensure(KEY_KIND, key_id), key_id)


def place_of(report_id: str) -> str:
    """Where the words of a report belong, to the vault."""
    return f"report:{report_id}/text"


async def rig_of(request: Request) -> Rig:
    """The parts behind a request."""
    rig: Rig = request.app.state.rig
    return rig


InRig = Annotated[Rig, Depends(rig_of)]
