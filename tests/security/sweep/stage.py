"""The stage: a platform on which the demo was played, and the demo's people who go on there."""

import datetime as dt
import json
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import httpx
from cri_stack.demo.people.coordinator import Coordinator
from cri_stack.demo.people.mailbox import Mailbox
from cri_stack.demo.people.officer import Officer
from cri_stack.demo.people.person import Person
from cri_stack.demo.people.staff import StaffMember
from cri_stack.demo.people.trainer import Trainer
from cri_stack.demo.platform import Platform, printed
from cri_stack.demo.waiting import Trouble
from cri_stack.demo.walking import DemoClock
from cri_stack.layout import Layout

from tests.security.sweep.canaries import Aviary, Canary

CONSOLES = ("intake", "research", "publishing", "training")
Member = TypeVar("Member", bound=StaffMember)


class PlatformClock(DemoClock):
    """The time of a demo that somebody else plays, whatever this process takes for the time."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        told = json.loads(path.read_text())
        at, since = (dt.datetime.fromisoformat(told[name]) for name in ("at", "since"))
        self._offset = at - since

    def now(self) -> dt.datetime:
        """The instant at which that platform is."""
        return dt.datetime.now(dt.UTC) + self._offset  # noqa: TID251 - ours may be moved already


@dataclass
class Stage:
    """A played platform, its people by their e-mail address, and the canaries planted in it."""

    layout: Layout
    aviary: Aviary = field(default_factory=Aviary)
    seen: set[Canary] = field(default_factory=set)

    @cached_property
    def clock(self) -> PlatformClock:
        """The platform's time."""
        return PlatformClock(self.layout.demo_clock)

    @property
    def today(self) -> dt.date:
        """The platform's day."""
        return self.clock.now().date()

    @cached_property
    def officer(self) -> Officer:
        """Who plants at the helpdesk."""
        return self.member(Officer, "leen", "intake")

    @cached_property
    def invitation(self) -> str:
        """The link by which one more officer becomes one."""
        who = ("--name", "Kari Vogel", "--email", f"{secrets.token_hex(4)}@staff.example")
        return printed(Platform(self.layout).cri("staff", "invite", *who, "--role", "officer"))

    @cached_property
    def hand(self) -> Officer:
        """Whoever looks at texts before they leave."""
        officer = Officer("Kari Vogel", "", self.layout.url("intake"), self.clock)
        officer.accept(self.invitation)
        return officer

    @cached_property
    def colleague(self) -> Officer:
        """Another officer, who is also a trainer, and looks at nothing that is not theirs."""
        return self.member(Officer, "yusuf", "intake")

    @cached_property
    def coordinator(self) -> Coordinator:
        """Who knows the partners."""
        return self.member(Coordinator, "amina", "research")

    @cached_property
    def editor(self) -> StaffMember:
        """Who sees what becomes public."""
        return self.member(StaffMember, "pieter", "publishing")

    @cached_property
    def trainer(self) -> Trainer:
        """Who holds workshops."""
        return self.member(Trainer, "sofie", "training")

    def member(self, kind: type[Member], name: str, service: str) -> Member:
        """Somebody of the demo's staff, signed in."""
        email = f"{name}@staff.example"
        member = kind(name, email, self.layout.url(service), self.clock)
        member.totp_secret = json.loads((self.layout.var / "logins.json").read_text())[email]
        try:
            member.at("/console")
        except Trouble:  # somebody used the code of this moment: the next one is good too
            member.at("/console")
        return member

    def organisation(self) -> httpx.Client:
        """The API of intake for a partner organisation that came today."""
        name = f"Huis {secrets.token_hex(4)}"
        key = printed(Platform(self.layout).service("intake", "add-organisation", name))
        return httpx.Client(
            base_url=self.layout.url("intake") + "/api/v1",
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
        )

    def mailbox(self, address: str) -> Mailbox:
        """What an address was sent."""
        return Mailbox(self.layout.mails, address)

    def visitor(self) -> Person:
        """Somebody with a browser."""
        return Person("A visitor")

    def see(self, shown: str) -> None:
        """Remember the canaries that somebody reads who may: those were taken in."""
        self.seen |= self.aviary.found_in(shown.encode())
