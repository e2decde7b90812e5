"""Intake's parts, as its handlers and routes find them."""

from dataclasses import dataclass
from typing import Annotated

from cri_shared.privacy.keystore import KeyStore
from cri_shared.service import Service
from fastapi import Depends, Request

from cri_intake.settings import Settings


@dataclass
class Rig:
    """The shared parts, and the store of the cases' keys."""

    service: Service
    settings: Settings
    keys: KeyStore

    @property
    def pepper(self) -> bytes:
        """The secret without which a stored receipt cannot be tried."""
        return self.service.ring.secret("receipts")

    @property
    def salt(self) -> bytes:
        """This installation's salt for receipts."""
        return self.service.ring.secret("receipts-salt")[:16]


def rig_of(request: Request) -> Rig:
    """The parts behind a request."""
    rig: Rig = request.app.state.rig
    return rig


InRig = Annotated[Rig, Depends(rig_of)]
