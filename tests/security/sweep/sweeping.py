"""The sweep: canaries are planted all over a platform, then everything is searched for them."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from cri_shared.bus.access import PROVISIONER
from cri_shared.privacy.classes import C3, C4
from cri_shared.testing.postgres import PostgresServer
from cri_shared.testing.waiting import until
from cri_stack.demo.people.partner import CODE, Partner
from cri_stack.demo.platform import Platform
from cri_stack.layout import Layout
from cri_stack.status import services

from tests.security.sweep import answering, asking, copies, crawling, failing, places
from tests.security.sweep.asking import Asked
from tests.security.sweep.canaries import Canary
from tests.security.sweep.places import Piece
from tests.security.sweep.stage import Stage

INVITED = ("SignUpForm.email", "SuccessorForm.email", "ColleaguesForm.people")


@dataclass
class Sweep:
    """What was planted, where it was searched for, and where it was found though it must not be.

    `witnessed` holds the kinds of places in which the public word was found, as it must be;
    `pieces` counts what was searched of each kind.
    """

    stage: Stage
    echoed: list[str] = field(default_factory=list)
    found: list[str] = field(default_factory=list)
    witnessed: set[str] = field(default_factory=set)
    pieces: Counter[str] = field(default_factory=Counter)
    bytes: int = 0

    @property
    def planted(self) -> list[Canary]:
        """Every canary."""
        return list(self.stage.aviary.known.values())

    @property
    def unseen(self) -> list[Canary]:
        """What was taken in, as it seemed, and nobody could read who may."""
        return [c for c in self.planted if c.how == asking.KEPT and c not in self.stage.seen]

    def search(self, pieces: Iterator[Piece]) -> None:
        """Look for every canary in some pieces."""
        for piece in pieces:
            self.pieces[piece.kind] += 1
            self.bytes += len(piece.data)
            if answering.BEACON.encode() in piece.data:
                self.witnessed.add(piece.kind)
            self.found += [
                f"{canary} in {piece.kind}: {piece.where}"
                for canary in self.stage.aviary.found_in(piece.data)
                if not may_lie(canary, piece)
            ]


def may_lie(canary: Canary, piece: Piece) -> bool:
    """Whether this is a place in which this canary is expected in the clear."""
    match piece.kind.split():
        case ["addressee", service]:
            return canary.service == service and canary.field.endswith((".email", ".people"))
        case ["calendar"]:
            return canary.field.endswith(INVITED)
        case ["stream", "INTAKE"]:
            return canary.how == failing.DEAD
        case ["console", "research", _]:
            return canary.held == C4
        case ["console", "training", _]:
            return canary.held == C3 and canary.service == "training"
    return False


def sweep(var: Path, server: PostgresServer | None = None) -> Sweep:
    """Plant in every restricted field of a played platform, then search all that it holds.

    `server` is where its services keep their rows, if not in files of their own.
    """
    done = Sweep(Stage(Layout.found(var)))
    plant(done)
    search(done, server)
    return done


def plant(done: Sweep) -> None:
    """Everybody does their work, and much goes wrong."""
    stage = done.stage
    with stage.organisation() as api, ThreadPoolExecutor(1) as aside:
        locked = aside.submit(failing.while_locked, stage, api)
        edition_id = answering.hold_workshop(stage)
        participant = answering.sign_up(stage, edition_id)
        answering.hand_on(stage, edition_id, participant)
        answering.look_back(stage)
        answering.sign_up_colleagues(stage, edition_id)
        partner = answering.meet_partner(stage)
        failing.secrets_typed(stage)
        failing.account_kept(stage)
        locked.result()
        done.echoed = [
            f"{canary} in {answer[:200]}"
            for answer in failing.requests(stage, api)
            for canary in stage.aviary.found_in(answer.encode())
        ]
        asked, posted = asking.by_form(stage), asking.by_api(stage, api)
    failing.visits(stage)
    failing.forms(stage, edition_id)
    asyncio.run(failing.bury(stage))
    asking.refuse(stage, asking.by_phone(stage))
    asking.refer(stage, posted)
    _whole_journey(stage, asked, partner)


def _whole_journey(stage: Stage, asked: Asked, partner: Partner) -> None:
    asking.triage(stage, asked)
    asking.release(stage, asked)
    research_id = answering.ask_back(stage, partner)
    asking.reply(stage, asked)
    failing.pin(stage, partner, partner.mailbox.new(link=CODE, service="research"))
    answering.answer(stage, partner, research_id)
    asking.deliver(stage, asked)
    answering.part(stage, partner)


def search(done: Sweep, server: PostgresServer | None) -> None:
    """Look into everything that is kept, and at everything that is shown."""
    stage, layout = done.stage, done.stage.layout
    until(Platform(layout).events_have_arrived, timeout=30, what="every event is on its way")
    buried = lambda: next(p for p in services(layout) if p.name == "research").dead  # noqa: E731
    until(buried, timeout=30, what="what is no event is put aside")
    done.search(crawling.public(stage))
    done.search(crawling.staff(stage))
    done.search(copies.backed_up(layout, server))
    if server is not None:
        done.search(iter(asyncio.run(_rows(server))))
        done.search(copies.dumps(server))
        done.search(places.files(server.data))
    done.search(places.files(layout.var))
    done.search(places.rows(layout.var))
    done.search(places.mails(layout.mails))
    done.search(places.documents(layout))
    done.search(iter(asyncio.run(_messages(layout))))


async def _rows(server: PostgresServer) -> list[Piece]:
    return [piece async for piece in copies.rows(server)]


async def _messages(layout: Layout) -> list[Piece]:
    seed = layout.nats_seed(PROVISIONER)
    return [piece async for piece in places.messages(layout.url("nats"), seed)]
