"""A country desk with two partners, and questions that the helpdesk has let go to it."""

import datetime as dt
from typing import Any, TypeVar

from cri_shared import clock
from cri_stack.demo.content import Question
from cri_stack.demo.logins import secret_of
from cri_stack.demo.people.asker import Asker
from cri_stack.demo.people.coordinator import Coordinator
from cri_stack.demo.people.officer import Officer
from cri_stack.demo.people.staff import StaffMember
from cri_stack.demo.walking import DemoClock
from playwright.sync_api import Page

from tests.browser.visiting import CONSOLES, Live, open_page
from tests.browser.working import follow

COUNTRY, COORDINATOR = "TG", "Amina Lenaerts"
PARTNER, ADDRESS = "Centre du Golfe", "golfe@partner.example"
READER: dict[str, Any] = {  # always a better match than PARTNER: it reads the question
    "kind": "organisation",
    "name": "Maison des Lecteurs",
    "country": COUNTRY,
    "languages": ["fr", "en"],
    "visibility": "name_withheld",
}
M = TypeVar("M", bound=StaffMember)


def found_desk(page: Page, live: Live) -> None:
    """Give a country to the coordinator who is signed in, and two partners to the country."""
    open_page(page, live.url("research", "/console/countries"))
    page.select_option(f"#desk-{COUNTRY}", label=COORDINATOR)
    page.select_option(f"#automatic-{COUNTRY}", "no")
    follow(page, page.locator(f"form[action$='/console/countries/{COUNTRY}'] button"))
    coordinator = _going_on(Coordinator, page, live, "research")
    coordinator.add_partner(READER, "lecteurs@partner.example")
    coordinator.add_partner({**READER, "name": PARTNER, "languages": ["en"]}, ADDRESS)


def released(page: Page, live: Live, wanted: str) -> str:
    """Ask for something in the desk's country and let an officer release it; gives its text."""
    officer = _going_on(Officer, page, live, "intake")
    waiting = set(officer.cases_in("new", COUNTRY))
    asked = Question(
        {
            "country": COUNTRY,
            "region": "",
            "question_raw": f"Je m'appelle Kossi. Mon père a besoin de soins, {wanted} à Lomé.",
            "language": "fr",
            "asker_role": "migrant",
            "needed_by": (clock.today() + dt.timedelta(days=40)).isoformat(),
            "topics": ["health.medication"],
            "publication": {"sensitivity": "green"},
            "assignment": {},
            "answer": {},
        },
        {},
    )
    Asker("An asker", live.url("intake", ""), "fr").ask(asked)
    (question_id,) = set(officer.cases_in("new", COUNTRY)) - waiting
    text = f"Y a-t-il {wanted} à Lomé, et quels sont les horaires ?"
    officer.take(question_id)
    officer.reveal(question_id, "triage")
    officer.triage(question_id, asked)
    officer.reveal(question_id, "desk")
    officer.write(question_id, text, "fr")
    officer.release()
    return text


def _going_on(kind: type[M], page: Page, live: Live, service: str) -> M:
    """Whoever is signed in on a page, going on without a browser: that takes no time."""
    email, _ = CONSOLES[service]
    member = kind("", email, live.url(service, ""), DemoClock(live.layout.demo_clock))
    member.totp_secret = str(secret_of(live.layout, email))  # where it asks again who one is
    for cookie in page.context.cookies():
        member.browser.session.cookies.set(cookie["name"], cookie["value"])
    return member
