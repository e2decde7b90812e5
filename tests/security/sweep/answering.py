"""Planting in research and training: who partners and participants are."""

import datetime as dt
import re
from typing import Any

from cri_research.console.partners import PartnerForm
from cri_stack.demo.people.participant import CONFIRM, Participant
from cri_stack.demo.people.partner import Partner
from cri_stack.demo.people.person import Value
from cri_stack.demo.people.trainer import WORKSHOP
from cri_stack.demo.waiting import wait_for
from cri_training.console.approvals import RefusalForm
from cri_training.console.attendance import MarkForm, WalkInForm
from cri_training.console.certificates import ReissueForm, RevokeForm
from cri_training.console.organisations import DeskForm
from cri_training.pages.desk import ColleaguesForm
from cri_training.pages.forms import ConfirmForm, SignUpForm
from cri_training.pages.handing_on import SuccessorForm

from tests.security.sweep import failing
from tests.security.sweep.asking import COUNTRY, KEPT, RELEASED
from tests.security.sweep.stage import Stage

INSTEAD = {"claim": "equivalent"}
DESK = r"http\S+/organisation/\S+"
BEACON = "Roodborstje"  # a public word, to see that the search finds what is there
ANSWER = "Yes. Two of three pharmacies that we visited had both pens, for 12 euro each."


def meet_partner(stage: Stage) -> Partner:
    """The coordinator describes a partner, changes that, and reads it."""
    coordinator = stage.coordinator
    coordinator.decide_policy(COUNTRY, "no")
    typed = stage.aviary.fill(PartnerForm, KEPT)
    data = {"name": typed["name"], "kind": "organisation", "languages": ["en"], "country": COUNTRY}
    partner_id = coordinator.add_partner(
        {**data, "visibility": "name_withheld"}, typed["email"], risk="high"
    )
    coordinator.at(f"/console/partners/{partner_id}/edit")
    coordinator.submit(r"/edit$", {name: typed[name] for name in ("reach", "notes")})
    partner = Partner(
        {**data, "partner_id": partner_id},
        stage.layout.url("research"),
        stage.mailbox(typed["email"]),
    )
    partner.pin = coordinator.make_pin(partner_id)
    stage.see(str(coordinator.at(f"/console/partners/{partner_id}").page))
    return partner


def ask_back(stage: Stage, partner: Partner) -> str:
    """The question goes to the partner, who wants to know more first; gives its research id."""
    coordinator = stage.coordinator
    on_board = lambda: coordinator.question_saying(RELEASED, COUNTRY)  # noqa: E731
    research_id = wait_for("the question is on the board", on_board)
    due = stage.today + dt.timedelta(days=20)
    coordinator.send(research_id, partner.name, due, reason="Nobody else is there.")
    partner.open_new()
    partner.accept()
    partner.submit(r"/partner/ask$", {"ask_text": "Is it about a child or a grown person?"})
    return research_id


def answer(stage: Stage, partner: Partner, research_id: str) -> None:
    """The partner answers, and writes its own name where only the coordinator may read it."""
    partner.open_newest()
    today = stage.today.isoformat()
    fields: dict[str, Value] = {
        "outcome": "found",
        "text": ANSWER,
        "language": "en",
        "information_date": today,
    }
    nurse = {
        "title": f"Nurse of {partner.name}",
        "public_label": "A nurse",
        "visibility": "internal",
    }
    partner.answer(fields, [_source(partner, today), _source(partner, today) | nurse])
    review = lambda: stage.coordinator.question_saying(RELEASED, COUNTRY, "to_review")  # noqa: E731
    wait_for("the answer is to be reviewed", review)
    stage.coordinator.approve(research_id)


def part(stage: Stage, partner: Partner) -> None:
    """The partner gets no questions any more."""
    stage.coordinator.at(f"/console/partners/{partner.data['partner_id']}")
    stage.coordinator.submit(r"/suspend$", {"why": "risk"})


def _source(partner: Partner, today: str) -> dict[str, Any]:
    return {
        "kind": "visit",
        "title": "Three pharmacies",
        "public_label": None,
        "publisher": partner.name,
        "url": None,
        "published_on": None,
        "consulted_on": today,
        "primary": True,
        "visibility": "public",
    }


def hold_workshop(stage: Stage) -> str:
    """A trainer plans a workshop whose name everybody may read; gives its edition."""
    day = stage.today + dt.timedelta(days=30)
    workshop = {
        "title": f"Talking about return, {BEACON}",
        "summary": "For those who work in reception centres.",
        "language": "en",
        "town": "Gent",
        "venue": "Huis Voorbeeld",
        "capacity": 6,
    }
    first = _workshop_of(stage, stage.trainer.plan({**workshop, "title": "First steps"}, [day]))
    edition_id = stage.trainer.plan(workshop, [day])
    stage.trainer.at(f"/console/workshops/{_workshop_of(stage, edition_id)}")
    stage.trainer.submit(WORKSHOP, {"requires": first})
    stage.trainer.publish(edition_id)
    return edition_id


def _workshop_of(stage: Stage, edition_id: str) -> str:
    found = re.search(WORKSHOP.rstrip("$"), str(stage.trainer.edition(edition_id).page))
    assert found is not None
    return found[1]


def _approvals(stage: Stage, edition_id: str) -> None:
    """The trainer reads who waits for a yes."""
    stage.trainer.at(f"/console/editions/{edition_id}/approvals")
    stage.see(str(stage.trainer.page))


def sign_up(stage: Stage, edition_id: str) -> Participant:
    """Somebody signs up and proves the address; the trainer reads who comes."""
    typed = stage.aviary.fill(SignUpForm, KEPT)
    training = stage.layout.url("training")
    participant = Participant(typed["name"], training, stage.mailbox(typed["email"]))
    participant.open(f"{training}/en/sign-up/{edition_id}")
    participant.submit(r"/sign-up/[\w-]+$", {**typed, **INSTEAD, "language": "en"})
    failing.code(stage, participant.url)
    code = participant.mailbox.new(link=r"\b\d{3} \d{3}\b", service="training")
    participant.submit(r"/code/", {"code": code})
    stage.trainer.participants(edition_id)
    stage.see(str(stage.trainer.page))
    _approvals(stage, edition_id)
    stage.trainer.submit(r"/approve$")
    return participant


def _own_page(participant: Participant) -> str:
    """The page of who has just proved an address, where it can be changed."""
    return participant.url.replace("/done/", "/manage/")


def hand_on(stage: Stage, edition_id: str, participant: Participant) -> Participant:
    """Who cannot come names somebody, who says more of herself; the trainer reads who comes."""
    named = stage.aviary.fill(SuccessorForm, KEPT)
    participant.open(_own_page(participant))
    participant.submit(r"/hand-on$", {**named, "language": "en"})
    stage.see(participant.text)
    mailbox = stage.mailbox(named["email"])
    successor = Participant(named["name"], participant.training, mailbox)
    successor.open(successor.mailbox.new(link=CONFIRM, service="training"))
    said = stage.aviary.fill(ConfirmForm, KEPT)
    successor.submit(r"/sign-up/confirm/", {**said, **INSTEAD})
    _approvals(stage, edition_id)
    stage.trainer.submit(r"/approve$")
    stage.trainer.participants(edition_id)
    stage.see(str(stage.trainer.page))
    return successor


def look_back(stage: Stage) -> None:
    """At a workshop that was held somebody walked in, a mark and a certificate are put right."""
    trainer = stage.trainer
    trainer.at("/console/editions?view=held")
    held = trainer.link(r"/console/editions/[\w-]{16,40}$")
    assert held is not None
    trainer.open(f"{held}/attendance/1")
    trainer.submit(r"/walk-in$", stage.aviary.fill(WalkInForm, KEPT))
    reason = stage.aviary.fill(MarkForm, KEPT)
    trainer.submit(r"/people/[\w-]+$", {"presence": "late", "minutes": "5", **reason})
    stage.see(str(trainer.page))
    trainer.open(f"{held}/participants")
    stage.see(str(trainer.page))
    trainer.open(f"{held}/certificates")
    trainer.submit(r"/certificates$")
    trainer.submit(r"/reissue$", stage.aviary.fill(ReissueForm, KEPT))
    stage.see(str(trainer.page))
    trainer.submit(r"/revoke$", stage.aviary.fill(RevokeForm, KEPT))
    stage.see(str(trainer.page))


def sign_up_colleagues(stage: Stage, edition_id: str) -> None:
    """A trainer sends an organisation its link; it names two, of whom the trainer refuses one."""
    training = stage.layout.url("training")
    trainer = stage.trainer.at("/console/organisations")
    trainer.submit(r"/organisations$", {"name": f"House of {BEACON}"})
    typed = stage.aviary.fill(DeskForm, "is not kept")
    trainer.submit(r"/desk$", {**typed, "language": "en"})
    contact = Participant("A contact", training, stage.mailbox(typed["email"]))
    contact.open(contact.mailbox.new(link=DESK, service="training"))
    contact.open(f"{contact.url}/{edition_id}")
    named = stage.aviary.new(ColleaguesForm, "people", KEPT)
    lines = f"{named}; {named}@canary.example\nAnn Exempel; ann@exempel.example"
    contact.submit(rf"/{edition_id}$", {"people": lines, "language": "en"})
    stage.see(contact.text)
    pages: list[str] = []
    for address in (f"{named}@canary.example", "ann@exempel.example"):
        colleague = Participant(address, training, stage.mailbox(address))
        colleague.open(colleague.mailbox.new(link=CONFIRM, service="training"))
        said = stage.aviary.fill(ConfirmForm, KEPT)
        colleague.submit(r"/sign-up/confirm/", {**said, **INSTEAD})
        pages.append(_own_page(colleague))
        _approvals(stage, edition_id)
        stage.trainer.participants(edition_id)
        stage.see(str(stage.trainer.page))
    _approvals(stage, edition_id)
    stage.trainer.submit(r"/refuse$", stage.aviary.fill(RefusalForm, KEPT))
    stage.see(contact.open(pages[0]).text)
