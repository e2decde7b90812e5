"""Researcher coordinators: they know the partners, send questions out and decide about answers."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from bs4 import Tag
from cri_shared.places import INTERFACE_LANGUAGES, canonical_language

from cri_stack.demo.people.person import Value
from cri_stack.demo.people.staff import StaffMember
from cri_stack.demo.waiting import Trouble

QUESTION = r"/console/questions/([\w-]{16,40})$"
PARTNER = r"/console/partners/([\w-]{16,40})$"
PUBLIC_NAME = {"name_public": "name", "name_withheld": "local"}


def mail_language(languages: Sequence[str]) -> str:
    """The first language of our pages that somebody reads, otherwise English."""
    return next((tag for tag in languages if tag in INTERFACE_LANGUAGES), "en")


class Coordinator(StaffMember):
    """Somebody at research's console."""

    def add_partner(self, data: dict[str, Any], email: str, *, risk: str = "normal") -> str:
        """Describe a partner; gives its id."""
        self.at("/console/partners/new")
        fields: dict[str, Value] = {
            "kind": data["kind"],
            "name": data["name"],
            "email": email,
            "countries": [data["country"]],
            "mail_language": mail_language(data["languages"]),
            "languages": [canonical_language(tag) for tag in data["languages"]],
            "capacity": 5,
            "risk": risk,
            "visibility": PUBLIC_NAME[data["visibility"]],
        }
        self.submit(r"/console/partners/new$", fields)
        found = re.search(PARTNER, self.url)
        if found is None:
            raise Trouble(f"{data['name']} was not added: {self.complaint()}")
        return found[1]

    def make_pin(self, partner_id: str) -> str:
        """A new PIN for a partner, read off the page where it is shown once."""
        self.at(f"/console/partners/{partner_id}")
        self.submit(r"/pin$")
        shown = self.page.select_one(".bigcode")
        return shown.get_text().strip() if shown else ""

    def decide_policy(self, country: str, automatic: str) -> None:
        """Say whether questions about a country go out by themselves: yes, no, default."""
        self.at("/console/countries")
        self.submit(rf"/console/countries/{country}$", {"automatic": automatic})

    def question_saying(self, text: str, country: str, view: str = "open") -> str | None:
        """The id of the research question with this text in a view of the board, or None."""
        self.at(f"/console/questions?view={view}&country={country}")
        for link in self.page.select("a[href]"):
            found = re.search(QUESTION, str(link["href"]))
            shown = " ".join(link.get_text(" ").split()).rstrip("…")
            if found and shown and " ".join(text.split()).startswith(shown):
                return found[1]
        return None

    def question(self, research_id: str) -> "Coordinator":
        """Open a research question."""
        self.at(f"/console/questions/{research_id}")
        return self

    def send(self, research_id: str, partner: str, due_on: dt.date, reason: str = "") -> None:
        """Send a question to the partner with this name."""
        self.question(research_id)
        chosen = _labelled(self.form(r"/dispatch$"), partner, self.url)
        fields: dict[str, Value] = {
            "partner": chosen,
            "due_on": due_on.isoformat(),
            "reason": reason,
        }
        self.submit(r"/dispatch$", fields)

    def reasons_for(self, research_id: str) -> str:
        """Why the partners of a question are ranked as they are, as the page says it."""
        self.question(research_id)
        return " ".join(self.form(r"/dispatch$").get_text(" ").split())

    def approve(self, research_id: str, **changes: Value) -> "Coordinator":
        """Read all that came in and the points of the check, and approve."""
        self.at(f"/console/questions/{research_id}/review")
        fields = dict(changes)
        if self.form(r"/approve$").select_one("[name=seen]"):
            fields["seen"] = True
        if self.form(r"/approve$").select_one("[name=agreement]"):
            fields["agreement"] = "contradict"
        self.submit(r"/approve$", fields)
        return self


def _labelled(form: Tag, words: str, where: str) -> str:
    """The value of the choice whose label holds some words."""
    for choice in form.select("label:has(input[type=radio])"):
        ticked = choice.select_one("input")
        if ticked and words in choice.get_text(" "):
            return str(ticked["value"])
    raise Trouble(f"{where} does not offer {words}")
