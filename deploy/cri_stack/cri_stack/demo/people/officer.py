"""Helpdesk officers: take, triage, write the research question, release it, deliver answers."""

import re

from cri_stack.demo.content import Question
from cri_stack.demo.people.person import Value
from cri_stack.demo.people.staff import StaffMember
from cri_stack.demo.waiting import Trouble

CASE = r"/console/questions/([\w-]{16,40})$"
CHECKLIST = (
    "unique_office",
    "known_relative",
    "unique_event",
    "small_group_small_place",
    "exact_dates",
)


class Officer(StaffMember):
    """Somebody at intake's console."""

    def case(self, question_id: str) -> "Officer":
        """Open a case."""
        self.at(f"/console/questions/{question_id}")
        return self

    def cases_in(self, view: str, country: str) -> list[str]:
        """The ids of the cases about a country in one view of the queue, needed first."""
        self.at(f"/console/questions?view={view}&country={country}")
        links = [str(link["href"]) for link in self.page.select("a[href]")]
        return [found[1] for link in links if (found := re.search(CASE, link))]

    def status_of(self, question_id: str) -> str:
        """The status of a case, in the words that officers read."""
        self.case(question_id)
        tag = self.page.select_one("dl.facts .tag") or self.page.select_one(".tag")
        return " ".join(tag.get_text(" ").split()) if tag else ""

    def take_phone_call(self, question: Question) -> tuple[str, str]:
        """Enter what a caller asks: (question_id, receipt)."""
        self.at("/console/questions/new")
        topics = [*question.topics, "", ""]
        self.submit(
            r"/console/questions/new$",
            {
                "country": question.country,
                "region": question.data["region"],
                "question": question.data["question_raw"],
                "topic": topics[0],
                "topic_2": topics[1],
                "language": question.language,
                "role": "self",
                "needed_by": question.day("needed_by").isoformat(),
                "phone": question.phone,
                "safe_to_call": True,
                "consent": True,
            },
        )
        shown = self.page.select_one(".bigcode")
        link = self.link(CASE)
        found = re.search(CASE, link or "")
        if shown is None or found is None:
            raise Trouble(f"{self.url} shows no number for the caller")
        return found[1], shown.get_text().strip()

    def message(self, question_id: str, text: str) -> None:
        """Write to the asker."""
        self.case(question_id)
        self.submit(r"/message$", {"message": text})

    def take(self, question_id: str) -> None:
        """Work on a case from now on."""
        self.case(question_id)
        self.submit(r"/take$")

    def triage(self, question_id: str, question: Question) -> None:
        """Say what a question is about."""
        topics = [*question.topics, "", ""]
        self.case(question_id)
        self.submit(
            r"/triage$",
            {
                "country": question.country,
                "region": question.data["region"],
                "topic": topics[0],
                "topic_2": topics[1],
                "topic_3": topics[2],
                "sensitivity": question.sensitivity,
            },
        )

    def reveal(self, question_id: str, why: str) -> None:
        """Look at what the asker wrote, and say why."""
        self.case(question_id)
        if self.has_form(r"/reveal$"):  # not where the words are still open
            self.submit(r"/reveal$", {"why": why})

    def write(
        self,
        question_id: str,
        text: str,
        language: str,
        *,
        refused: bool = False,
        desk: str = "desk",
    ) -> "Officer":
        """Write the research question, with every point of the checklist looked at.

        `desk` is the last part of the address of another text that leaves for this question.
        """
        self.at(f"/console/questions/{question_id}/{desk}")
        fields: dict[str, Value] = {f"check_{item}": "no" for item in CHECKLIST}
        fields |= {"text": text, "language": language}
        look = rf"/{desk}/preview$"
        self.try_to(look, fields)
        if self.has_form(look) and not refused:  # it asks about some of the words
            self.submit(look, fields | self._explained())
        elif refused and self.status < 400:
            raise Trouble(f"{self.name} was to be refused at {self.url}")
        return self

    def _explained(self) -> dict[str, Value]:
        """Each suggestion of the desk is left as it is, for the first reason that is offered."""
        fields: dict[str, Value] = {}
        for field in self.page.select("[data-suspect] select"):
            reasons = [str(option["value"]) for option in field("option") if option["value"]]
            mark = str(field["name"]).removeprefix("keep_")
            fields[f"keep_{mark}"] = reasons[0]
            if self.page.select_one(f"[name=do_{mark}]"):
                fields[f"do_{mark}"] = "keep"
        return fields

    def release(self, desk: str = "desk") -> bool:
        """Let the text that is shown leave; False where another officer must confirm it."""
        self.submit(rf"/{desk}/release$")
        return "waits for another officer" not in self.text

    def confirm(self, question_id: str, desk: str = "desk") -> None:
        """Look at another officer's text, and let it leave."""
        self.case(question_id)
        self.submit(r"/reveal$", {"why": "second"})
        self.at(f"/console/questions/{question_id}/{desk}")
        self.submit(rf"/{desk}/release$")

    def deliver(self, question_id: str, kind: str, language: str, text: str) -> None:
        """Deliver an answer with what makes it readable for its asker."""
        self.case(question_id)
        fields: dict[str, Value] = {"kind": kind, "note_language": language, "note": text}
        self.try_to(r"/deliver$", fields)
        if self.status >= 400:  # a warning, perhaps: the words were looked at and may be sent
            self.submit(r"/deliver$", {"looked": True} if self.page.select("#looked") else {})
