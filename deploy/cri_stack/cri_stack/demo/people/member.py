"""People of partner organisations, and the operator who lets them in."""

import re

from cri_stack.demo.people.staff import StaffMember
from cri_stack.demo.waiting import Trouble

QUESTION = re.compile(r"/console/ours/([\w-]{16,40})$")


class Operator(StaffMember):
    """Somebody who keeps the organisations at intake's console."""

    def let_in(self, organisation: str, name: str, email: str) -> str:
        """Let somebody sign in for an organisation; gives the one-time link to hand over."""
        self.at("/console/organisations")
        rows = (
            row for row in self.page.select("a[href]") if row.get_text().strip() == organisation
        )
        row = next(rows, None)
        if row is None:
            raise Trouble(f"{self.url} does not list {organisation}")
        self.at(str(row["href"]))
        self.submit(r"/people$", {"person": name, "address": email})
        shown = re.search(r"https?://[^\s/]+/console/invited/[\w-]+", self.text)
        if shown is None:
            raise Trouble(f"{self.url} shows no link for {name}: {self.complaint()}")
        return shown[0]


class Member(StaffMember):
    """Somebody of a partner organisation, who sees what is its own."""

    def questions(self) -> set[str]:
        """The ids of the questions on the organisation's page."""
        self.at("/console/ours")
        links = (str(link["href"]) for link in self.page.select("a[href]"))
        return {found[1] for link in links if (found := QUESTION.search(link))}

    def answer(self, question_id: str) -> str:
        """The answer as the page of a question shows it; empty while there is none."""
        self.at(f"/console/ours/{question_id}")
        shown = self.page.select_one("#answer")
        return " ".join(shown.get_text(" ").split()) if shown else ""

    def finds(self, question_id: str) -> bool:
        """Whether a question has a page for this person."""
        self.at("/console/ours")
        self.open(f"{self.console}/console/ours/{question_id}", may_fail=True)
        return self.status < 400
