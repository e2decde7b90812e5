"""A workshop: it fills, a place comes free and is offered, people come and are asked."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import partial
from typing import Any

from cri_stack.demo.journey.step import Step
from cri_stack.demo.people.participant import MANAGE, Participant
from cri_stack.demo.people.person import Person
from cri_stack.demo.people.trainer import Trainer
from cri_stack.demo.waiting import wait_for
from cri_stack.demo.world import World
from cri_stack.mail_page import written

ABOUT = "workshop"
CONFLICT = 409


@dataclass
class Workshop:
    """What is known of the workshop while its steps are played."""

    world: World
    edition_id: str = ""
    people: list[Participant] = field(default_factory=list)

    @property
    def cast(self) -> dict[str, Any]:
        """What the cast says of it."""
        told: dict[str, Any] = self.world.content.cast["workshop"]
        return told

    @property
    def trainer(self) -> Trainer:
        """Who gives it."""
        trainer = self.world.staff["trainer"]
        assert isinstance(trainer, Trainer)
        return trainer

    def check(self, claim: str, holds: bool, seen: str = "") -> None:
        """Something that must be so."""
        self.world.report.check(ABOUT, claim, holds, seen)

    def day(self, name: str) -> dt.date:
        """One of its days."""
        return dt.date.fromisoformat(self.cast[name])

    @property
    def held_on(self) -> list[dt.date]:
        """The days of its sessions."""
        return [dt.date.fromisoformat(day) for day in self.cast["held_on"]]

    @property
    def public_url(self) -> str:
        """Its page in the programme."""
        return f"{self.world.url('training')}/en/workshops/{self.edition_id}"


def steps(world: World) -> Iterator[Step]:
    """From the plan to the feedback."""
    w = Workshop(world)
    names = [person["name"] for person in w.cast["participants"]]
    places, trainer = w.cast["capacity"], world.first_name("trainer")

    def step(on: dt.date, hour: int, who: str, words: str, do: Callable[[Workshop], str]) -> Step:
        return Step(on, hour, ABOUT, who, words, partial(do, w))

    yield step(w.day("planned_on"), 9, "Sofie", "plans a workshop of two afternoons", plan)
    words = f"and {places - 1} others sign up: it is full"
    yield step(w.day("signed_up_on"), 9, names[0], words, fill)
    words = f"and {names[places + 1]} come on the waiting list"
    yield step(w.day("signed_up_on"), 10, names[places], words, queue)
    yield step(w.day("cancelled_on"), 9, names[1], "cancels by the link", cancel)
    words = "is offered the place and takes it"
    yield step(w.day("cancelled_on"), 10, names[places], words, promote)
    words = "cancels too; the offer to the last one waiting begins"
    yield step(w.day("cancelled_on"), 11, names[2], words, cancel_again)
    words = "did not answer: the offer has ended"
    yield step(w.day("expired_on"), 9, names[places + 1], words, expire)
    words = "notes who came, on both days"
    yield step(w.day("asked_on"), 9, trainer, words, note)
    words = "and the others say what they thought; nobody can see who"
    yield step(w.day("asked_on"), 10, names[0], words, feedback)
    words = "goes from the helpdesk's console to the workshops without signing in again"
    yield step(w.day("asked_on"), 11, world.first_name("second_officer"), words, hand_over)


def plan(w: Workshop) -> str:
    """The trainer plans it and lets people sign up."""
    w.edition_id = w.trainer.plan(w.cast, w.held_on)
    w.trainer.publish(w.edition_id)
    programme = Person("A visitor").open(f"{w.world.url('training')}/en/workshops")
    w.check("the programme shows it", w.cast["title"] in programme.text)
    w.world.report.reached(ABOUT, "asked", "planned")
    return w.public_url


def fill(w: Workshop) -> str:
    """As many people as there are places prove their address and get one."""
    for person in w.cast["participants"]:
        mailbox = w.world.mailbox(person["email"])
        w.people.append(Participant(person["name"], w.world.url("training"), mailbox))
    first, *others = w.people[: w.cast["capacity"]]
    said = [first.sign_up(w.edition_id, by_link=True)]
    said += [person.sign_up(w.edition_id) for person in others]
    w.check("each of them has a place", all("You have a place" in text for text in said))
    wait_for("the invitation is in the first one's calendar", lambda: _invitation(w, first))
    first.again()
    w.check("confirming twice changes nothing", "You have a place" in first.text, first.text)
    page = Person("A visitor").open(w.public_url)
    w.check("its page says that it is full", "Full, with a waiting list" in page.text, page.text)
    return w.public_url


def _invitation(w: Workshop, person: Participant) -> EmailMessage | None:
    for mail in written(w.world.layout.mails):
        if person.mailbox.address in mail.to:
            for part in mail.message.walk():
                if part.get_content_type() == "text/calendar":
                    method = part.get_param("method")
                    return mail.message if method == "REQUEST" else None
    return None


def queue(w: Workshop) -> str:
    """Whoever comes now waits, in order."""
    waiting = [person.sign_up(w.edition_id) for person in w.people[w.cast["capacity"] :]]
    w.check("they wait", all("You are on the waiting list" in text for text in waiting))
    w.check("the second waits behind the first", "You are number 2 in line" in waiting[1])
    w.trainer.edition(w.edition_id)
    taken = f"{w.cast['capacity']} of {w.cast['capacity']} taken, 2 waiting"
    w.check("the trainer sees it", taken in w.trainer.text, w.trainer.text)
    w.world.report.reached(ABOUT, "dispatched", "full")
    return w.trainer.url


def cancel(w: Workshop) -> str:
    """Somebody with a place cannot come."""
    person = w.people[1]
    text = person.cancel()
    w.check("the sign-up is cancelled", "Your sign-up is cancelled" in text, text)
    person.again()
    w.check("cancelling twice changes nothing", "Your sign-up is cancelled" in person.text)
    return person.url


def promote(w: Workshop) -> str:
    """The first of the waiting list is offered the place."""
    lucky, last = w.people[w.cast["capacity"] :]
    lucky.mailbox.new(link=MANAGE, service="training", subject="A place for you")
    text = lucky.take_offer()
    w.check("the place is theirs", "You have a place" in text, text)
    w.check("the other one still waits", "You are on the waiting list" in last.manage())
    listed = w.trainer.participants(w.edition_id)
    w.check("the staff list says why", "first in line" in listed, listed)
    w.world.report.reached(ABOUT, "answered", "promoted")
    return lucky.url


def cancel_again(w: Workshop) -> str:
    """One more place comes free, and is offered to the last one waiting."""
    last = w.people[-1]
    w.people[2].cancel()
    last.mailbox.new(link=MANAGE, service="training", subject="A place for you")
    w.check("the offer is open", "A place came free" in last.manage(), last.text)
    return last.url


def expire(w: Workshop) -> str:
    """An offer that nobody answers ends."""
    last = w.people[-1]
    wait_for("the offer has ended", lambda: "The offer has ended" in last.manage())
    last.mailbox.new(service="training", subject="Offer ended")
    return last.url


def _came(w: Workshop) -> list[Participant]:
    return [person for person in w.people if person not in (w.people[1], w.people[2], w.people[-1])]


def note(w: Workshop) -> str:
    """The trainer notes who came, after the last afternoon."""
    wait_for("it was held", lambda: "Held" in w.trainer.edition(w.edition_id).text)
    ticks = w.trainer.note_who_came(w.edition_id, len(w.held_on))
    w.check("everybody with a place came twice", ticks == 2 * len(_came(w)), str(ticks))
    w.world.report.reached(ABOUT, "delivered", "held")
    return w.trainer.url


def feedback(w: Workshop) -> str:
    """Those who came are asked what they thought; the counts show, the people do not."""
    marks, obstacles = ("5", "4", "4", "4", "2"), w.cast["obstacles"]
    for person, useful, obstacle in zip(_came(w), marks, obstacles, strict=True):
        person.say_what_one_thought(useful, obstacle)
    first = w.people[0]
    first.again()
    w.check("a link answers once", first.status == CONFLICT, first.text)
    before = w.trainer.feedback(w.edition_id)
    w.check("nothing shows while people answer", "People can answer until" in before, before)
    text = w.trainer.close_feedback(w.edition_id)
    w.check("five answers are counted", "Too few answers" not in text, text)
    w.check("what was written is not shown", not any(one[:20] in text for one in obstacles))
    w.world.report.reached(ABOUT, "published", "5 answers")
    return w.trainer.url


def hand_over(w: Workshop) -> str:
    """A person with two roles changes consoles with one press."""
    member = w.world.staff["second_officer"]
    member.at("/console/questions")
    member.go_to("training")
    arrived = member.url.startswith(w.world.url("training")) and "sign-in" not in member.url
    w.check("nobody signs in twice", arrived, member.url)
    return member.url
