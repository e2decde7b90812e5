"""`cri demo`: starts a platform of its own, plays every step in order, and checks what came."""

import datetime as dt

import httpx
import requests
from cri_shared import clock
from rich.table import Table

from cri_stack.demo.content import Content
from cri_stack.demo.journey import steps_of, verify
from cri_stack.demo.journey.step import Step
from cri_stack.demo.logins import keep_logins
from cri_stack.demo.people.person import Person
from cri_stack.demo.people.staff import PASSWORD
from cri_stack.demo.platform import Platform, fresh
from cri_stack.demo.report import Report
from cri_stack.demo.waiting import Trouble
from cri_stack.demo.walking import DemoClock
from cri_stack.demo.world import World
from cri_stack.layout import Layout


def demo(layout: Layout, *, leave: bool, twice: bool = False, today: dt.date | None = None) -> int:
    """Play the demo; gives the exit status. Without `leave` it stays up until Ctrl-C.

    With `twice` everybody sends every form twice, and all must come out the same.
    """
    fresh(layout)
    Person.twice = twice
    report = Report()
    content = Content.load(today or clock.today())
    world = World(layout, Platform(layout), content, DemoClock(layout.demo_clock), report)
    world.clock.begin(content.first_day)
    status = 0
    try:
        report.console.print(f"Starting a platform under {layout.var}")
        world.platform.start()
        status = _played(world)
        if not leave:
            _stay(world)
    except Trouble as trouble:
        report.console.print(f"[bold red]{trouble}[/]")
        status = 1
    except KeyboardInterrupt:
        report.console.print("Stopped.")
    finally:
        world.platform.stop()
    return status


def _played(world: World) -> int:
    """Play every step, then print the summary; gives the exit status."""
    world.invite_staff()
    try:
        broken: set[str] = set()
        for step in steps_of(world):
            if step.about not in broken and not _done(world, step):
                broken.add(step.about)  # what comes after it cannot go well
        verify(world)
    finally:
        world.report.table()
    return 0 if world.report.good else 1


def _done(world: World, step: Step) -> bool:
    """Let somebody do their step; what goes wrong is reported, and the others go on."""
    world.clock.walk_to(step.on)
    try:
        url = step.do()
    except (Trouble, requests.RequestException, httpx.HTTPError) as trouble:
        world.report.check(step.about, f"{step.who} {step.words}", False, str(trouble))
        return False
    world.report.step(step.on, step.about, step.who, step.words, url)
    return True


def _stay(world: World) -> None:
    """Say where everything is and who may sign in, and stay up until Ctrl-C."""
    say = world.report.console.print
    say(f"\nThe public database:  {world.url('search')}/")
    say(f"Ask a question:       {world.url('intake')}/en/ask")
    say(f"Workshops:            {world.url('training')}/en/workshops")
    say(f"Mails that were sent: {world.url('mail')}/")
    table = Table("sign in at", "e-mail address", "password", "key for an authenticator")
    for member in world.staff.values():
        table.add_row(f"{member.console}/console", member.email, PASSWORD, member.totp_secret)
    say(table)
    keep_logins(world.layout, {m.email: m.totp_secret for m in world.staff.values()})
    if not world.clock.catch_up():
        say(f"The demo's clock is ahead, at {world.clock.now():%d %B %Y %H:%M} UTC, and codes")
        say("follow it: an authenticator on a phone cannot know them.")
    say(f"`cri demo-code EMAIL --var {world.layout.var}` prints the code of the moment.")
    say("Ctrl-C stops everything.")
    world.platform.wait()
