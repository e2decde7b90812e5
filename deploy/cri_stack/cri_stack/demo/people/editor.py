"""Editors: they write public entries, approve each other's, renew them and take them back."""

import datetime as dt
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from bs4 import Tag

from cri_stack.demo.people.person import Value
from cri_stack.demo.people.staff import StaffMember
from cri_stack.demo.waiting import Trouble, wait_for

REFUSED = 422
ENTRY = r"/console/entries/([\w-]{16,40})$"


class Editor(StaffMember):
    """Somebody at publishing's console."""

    def entry(self, entry_id: str) -> "Editor":
        """Open an entry."""
        self.at(f"/console/entries/{entry_id}")
        return self

    def ids_in(self, view: str) -> list[str]:
        """The entries in one view of the list."""
        self.at(f"/console/entries?view={view}")
        links = [str(link["href"]) for link in self.page.select("a[href]")]
        return [found[1] for link in links if (found := re.search(ENTRY, link))]

    def entry_called(self, words: str, view: str) -> str:
        """The id of the entry with this title in a view; waits until it is there."""

        def found() -> str | None:
            self.at(f"/console/entries?view={view}")
            for link in self.page.select("a[href]"):
                title = " ".join(link.get_text(" ").split())
                match = re.search(ENTRY, str(link["href"]))
                if match and title == " ".join(words.split()):
                    return match[1]
            return None

        return wait_for(f"an entry “{words[:60]}” in view {view}", found)

    def withheld(self) -> str:
        """What the list of withheld answers says."""
        return self.at("/console/entries?view=withheld").text

    def write(
        self, entry_id: str, question: str, answer: str, *, embargo_days: int = 0, **more: str
    ) -> None:
        """Write the public question and answer of a draft."""
        self.at(f"/console/entries/{entry_id}/edit")
        fields: dict[str, Value] = {"question": question, "answer": answer, **more}
        self.submit(r"/edit$", fields | {"embargo_days": embargo_days}, button="save")

    def translate(self, entry_id: str, language: str, question: str, answer: str) -> None:
        """Write another language of a draft."""
        self.at(f"/console/entries/{entry_id}/languages/{language}")
        fields = {"question": question, "answer": answer}
        self.submit(rf"/languages/{language}$", fields, button="save")

    def hand_in(self, entry_id: str, approver: str, reason: str) -> None:
        """Send a draft to review, naming who approves, with a reason where there are warnings."""
        self.entry(entry_id)
        form = self.form(r"/submit$")
        fields: dict[str, Value] = {"approver": self._option(approver)}
        if form.select_one("[name=reason]"):
            fields["reason"] = reason
        fields |= self._all_public(form)
        if form.select_one("button[disabled]"):
            raise Trouble(f"{self.url} cannot go to review: {self._problems()}")
        self.submit(r"/submit$", fields)

    def _problems(self) -> str:
        items = self.page.select("#problems ~ ul li")
        return "; ".join(" ".join(item.get_text(" ").split()) for item in items)

    def _option(self, name: str) -> str:
        for option in self.form(r"/submit$").select("select[name=approver] option"):
            if name in option.get_text():
                return str(option["value"])
        raise Trouble(f"{self.url} does not offer {name} as the one who approves")

    def approve(self, entry_id: str) -> None:
        """Stand for another editor's text."""
        self.entry(entry_id)
        self.submit(r"/approve$")

    def lift(self, entry_id: str, reason: str) -> None:
        """End the waiting time of a text that one approved."""
        self.entry(entry_id)
        self.submit(r"/lift$", {"reason": reason})

    def withdraw(self, entry_id: str, reason: str) -> None:
        """Take a public entry back."""
        self.at(f"/console/entries/{entry_id}/withdraw")
        self.submit(r"/withdraw$", {"reason": reason})

    def add_listing(self, what: str, fields: Mapping[str, Value]) -> str:
        """Write a contact or programme, and say of its names that they are public; gives its id."""
        self.at("/console/listings")
        new = self.page.select_one(f"a[href$='/edit?what={what}']")
        if new is None:
            raise Trouble(f"{self.url} has no link to a new {what}")
        self.at(str(new["href"]))
        self.try_to(r"/edit$", fields)
        if self.status == REFUSED:
            self.submit(r"/edit$", self._all_public(self.form(r"/edit$")))
        return urlsplit(self.url).path.rsplit("/", 1)[-1]

    def show_listing(self, listing_id: str) -> None:
        """Stand for what another editor wrote."""
        self.at(f"/console/listings/{listing_id}")
        self.submit(r"/approve$")

    def check_listing(self, listing_id: str, on: dt.date) -> None:
        """Say that one called, and all is as it was."""
        self.at(f"/console/listings/{listing_id}")
        self.submit(r"/check$", {"checked_on": on.isoformat(), "checked_how": "phone"})

    def retire_listing(self, listing_id: str, reason: str) -> None:
        """Take a contact or programme away from readers."""
        self.at(f"/console/listings/{listing_id}/retire")
        self.submit(r"/retire$", {"reason": reason})

    @staticmethod
    def _all_public(form: Tag) -> dict[str, Value]:
        """The first reason for each name and contact that the gate asks about."""
        kept = form.select("select[name^=keep_]")
        return {str(field["name"]): str(field("option")[1]["value"]) for field in kept}

    def slug(self, entry_id: str) -> str:
        """The last part of an entry's public address."""
        self.entry(entry_id)
        shown = self.page.select_one("h1 ~ p bdi.mono")
        return shown.get_text().strip() if shown else ""

    def public_from(self, entry_id: str) -> dt.date | None:
        """The day on which a scheduled text becomes public, as the list says it."""
        self.at("/console/entries?view=scheduled")
        for row in self.page.select("tr"):
            link, day = row.select_one(f"a[href$='{entry_id}']"), row.select_one("time")
            if link and day:
                return dt.date.fromisoformat(str(day["datetime"]))
        return None
