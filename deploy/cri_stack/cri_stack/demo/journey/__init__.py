"""The journey of every question, as steps on days."""

import json

from cri_stack.demo.journey import (
    asking,
    coding,
    helping,
    joining,
    listing,
    opening,
    publicity,
    renewing,
    researching,
    workshop,
)
from cri_stack.demo.journey.step import Course, Step
from cri_stack.demo.people.visitor import Visitor
from cri_stack.demo.platform import printed
from cri_stack.demo.waiting import wait_for
from cri_stack.demo.world import World
from cri_stack.mail_page import written

PLATFORM = "platform"


def steps_of(world: World) -> list[Step]:
    """Every step of the demo, in order."""
    steps = list(opening.steps(world))
    for question in world.content.questions:
        course = Course(world, question)
        world.report.row(course.ref, f"{question.country} {question.data['title']['en'][:40]}")
        steps += asking.steps(course)
        steps += helping.steps(course)
        steps += researching.steps(course)
        steps += joining.steps(course)
        steps += publicity.steps(course)
        steps += renewing.steps(course)
    world.report.row(workshop.ABOUT, world.content.cast["workshop"]["title"])
    steps += workshop.steps(world)
    steps += coding.steps(world)
    world.report.row(listing.ABOUT, "contacts and programmes of six countries")
    steps += listing.steps(world)
    return sorted(steps, key=lambda step: (step.on, step.hour))


def verify(world: World) -> None:
    """What must be so when everything was played, asked from outside."""
    everything(world)
    public_entries(world)
    nothing_leaked(world)


def everything(world: World) -> None:
    """Every part is well, and none was started again."""
    wait_for("every event has arrived", world.platform.events_have_arrived)
    told = json.loads(printed(world.platform.cri("status", "--json")))["result"]
    unwell = [name for name, part in told.items() if not part["good"]]
    world.report.check(PLATFORM, "every part is well, no letter is dead", not unwell, str(unwell))
    restarts = world.platform.restarts
    world.report.check(PLATFORM, "no part had to be started again", not restarts, str(restarts))


def public_entries(world: World) -> None:
    """The public database holds what the content says, and nothing else."""
    statuses = [
        "withdrawn" if "withdrawn_on" in question.cast else question.status
        for question in world.content.questions
    ]
    public = sum(status in ("published", "expired") for status in statuses)
    hits = Visitor(world.url("search")).api_hits("", per_page="50")
    seen = f"{len(hits)} of {public}"
    world.report.check(PLATFORM, "every public answer can be found", len(hits) == public, seen)


def nothing_leaked(world: World) -> None:
    """Nothing of who asked stands in any mail."""
    secrets = [s for question in world.content.questions for s in question.secrets if len(s) > 3]
    texts = [mail.text for mail in written(world.layout.mails)]
    found = [secret for secret in secrets if any(secret in text for text in texts)]
    world.report.check(PLATFORM, "no mail says who asked", not found, str(found))
