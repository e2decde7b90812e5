"""Search's parts, as its handlers and routes find them."""

from dataclasses import dataclass, field
from typing import Annotated

from cri_shared.index.port import SearchIndex
from cri_shared.service import Service
from fastapi import Depends, Request

from cri_search.rules.spelling import Shelves
from cri_search.settings import Settings


@dataclass
class Rig:
    """The shared parts of this service, the index that it searches, and the words it knows."""

    service: Service
    settings: Settings
    index: SearchIndex
    spellings: Shelves = field(default_factory=Shelves)


async def rig_of(request: Request) -> Rig:
    """The parts behind a request."""
    rig: Rig = request.app.state.rig
    return rig


InRig = Annotated[Rig, Depends(rig_of)]
