"""Everybody and everything of one demo, as its steps find them."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from cri_stack.demo.content import Content
from cri_stack.demo.people.coder import Coder
from cri_stack.demo.people.coordinator import Coordinator
from cri_stack.demo.people.editor import Editor
from cri_stack.demo.people.mailbox import Mailbox
from cri_stack.demo.people.member import Operator
from cri_stack.demo.people.officer import Officer
from cri_stack.demo.people.organisation import Organisation
from cri_stack.demo.people.partner import Partner
from cri_stack.demo.people.staff import StaffMember
from cri_stack.demo.people.trainer import Trainer
from cri_stack.demo.platform import Platform, printed
from cri_stack.demo.report import Report
from cri_stack.demo.walking import DemoClock
from cri_stack.layout import Layout

KINDS: dict[str, type[StaffMember]] = {
    "officer": Officer,
    "coordinator": Coordinator,
    "editor": Editor,
    "trainer": Trainer,
    "coder": Coder,
    "operator": Operator,
}


@dataclass
class World:
    """The stage of the demo; people appear in it as they are needed."""

    layout: Layout
    platform: Platform
    content: Content
    clock: DemoClock
    report: Report
    staff: dict[str, StaffMember] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    mailboxes: dict[str, Mailbox] = field(default_factory=dict)

    def url(self, service: str) -> str:
        """Where a service is."""
        return self.layout.url(service)

    @property
    def staff_ids(self) -> set[str]:
        """Who of the cast works at a console."""
        return {one["id"] for one in self.content.cast["staff"]}

    def first_name(self, person: str) -> str:
        """How colleagues call a member of staff of the cast."""
        names = {one["id"]: one["name"] for one in self.content.cast["staff"]}
        return str(names[person].split()[0])

    def invite_staff(self) -> None:
        """Invite everybody of the cast, and let each become staff through the link."""
        inviting = {}
        for person in self.content.cast["staff"]:
            roles = [word for role in person["roles"] for word in ("--role", role)]
            who = ("--name", person["name"], "--email", person["email"])
            inviting[person["id"]] = self.platform.cri("staff", "invite", *roles, *who)
        for person in self.content.cast["staff"]:
            link = printed(inviting[person["id"]])
            console = f"http://{urlsplit(link).netloc}"
            kind = KINDS.get(person["roles"][0], StaffMember)
            member = kind(person["name"], person["email"], console, self.clock)
            member.accept(link)
            self.staff[person["id"]] = member

    def organisation(self, key: str) -> Organisation:
        """A partner organisation; the operator gives it an API key when it first asks."""
        if key not in self.organisations:
            name = next(o["name"] for o in self.content.cast["organisations"] if o["id"] == key)
            api_key = printed(self.platform.service("intake", "add-organisation", name))
            self.organisations[key] = Organisation(name, api_key, self.url("intake"), self.clock)
        return self.organisations[key]

    def partner(self, key: str) -> Partner:
        """An in-country partner of the content, with a mailbox of its own."""
        if key not in self.partners:
            data = self.content.partners[key]
            self.partners[key] = Partner(
                data, self.url("research"), self.mailbox(f"{key.lower()}@partner.example")
            )
        return self.partners[key]

    def mailbox(self, address: str) -> Mailbox:
        """The mailbox of somebody outside."""
        if address not in self.mailboxes:
            self.mailboxes[address] = Mailbox(self.layout.mails, address)
        return self.mailboxes[address]
