"""Research's parts, as its handlers and routes find them."""

import hmac
from dataclasses import dataclass, field
from typing import Annotated

from cri_shared.places import INTERFACE_LANGUAGES
from cri_shared.privacy.keystore import KeyStore
from cri_shared.privacy.vault import SealedText
from cri_shared.retention.ledger import Ledger
from cri_shared.service import Service
from cri_shared.web.i18n import Words
from fastapi import Depends, Request

from cri_research.settings import Settings


def _words() -> dict[str, Words]:
    return {tag: Words(("cri_research", "cri_shared"), tag) for tag in INTERFACE_LANGUAGES}


@dataclass
class Rig:
    """The shared parts, the store of the keys of partners and questions, and words for mails."""

    service: Service
    settings: Settings
    keys: KeyStore
    words: dict[str, Words] = field(default_factory=_words)

    @property
    def ledger(self) -> Ledger:
        """Where it is written down what was erased; it destroys the keys."""
        return self.service.ledger

    async def sealed_question(self, research_id: str) -> SealedText:
        """Seals and opens what belongs to a question; raises `Erased`."""
        key = await self.keys.get("question", research_id)
        return SealedText(key, f"question:{research_id}")

    async def sealed_partner(self, partner_id: str) -> SealedText:
        """Seals and opens who a partner is; raises `Erased`."""
        key = await self.keys.get("partner", partner_id)
        return SealedText(key, f"partner:{partner_id}")

    def code_hash(self, code: str) -> bytes:
        """What is stored of a code that partners type; without the secret it cannot be tried."""
        return self._mac(f"code:{code}")

    def pin_hash(self, partner_id: str, pin: str) -> bytes:
        """What is stored of a partner's PIN."""
        return self._mac(f"pin:{partner_id}:{pin}")

    def _mac(self, text: str) -> bytes:
        return hmac.digest(self.service.ring.secret("partner-secrets"), text.encode(), "sha256")


async def rig_of(request: Request) -> Rig:
    """The parts behind a request."""
    rig: Rig = request.app.state.rig
    return rig


InRig = Annotated[Rig, Depends(rig_of)]
