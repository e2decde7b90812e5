"""Publishing's parts, as its handlers and routes find them."""

from dataclasses import dataclass
from typing import Annotated

from cri_shared.service import Service
from fastapi import Depends, Request

from cri_publishing.settings import Settings


@dataclass
class Rig:
    """The shared parts of this service, and its own."""

    service: Service
    settings: Settings


def rig_of(request: Request) -> Rig:
    """The parts behind a request."""
    rig: Rig = request.app.state.rig
    return rig


InRig = Annotated[Rig, Depends(rig_of)]
