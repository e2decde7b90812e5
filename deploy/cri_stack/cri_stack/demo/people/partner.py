"""In-country partners: they open the link of a mail, accept or decline, and answer with sources."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cri_stack.demo.people.mailbox import Mailbox
from cri_stack.demo.people.person import Person, Value
from cri_stack.demo.waiting import wait_for

RECEIVED = {"en": "We have your answer.", "fr": "Nous avons votre réponse."}
CODE = r"\b[A-Z2-9]{5}-[A-Z2-9]{5}\b"


class Partner(Person):
    """Somebody with a mailbox and a slow phone, whose browser runs no script."""

    def __init__(self, data: dict[str, Any], research: str, mailbox: Mailbox) -> None:
        super().__init__(str(data["name"]))
        self.data = data
        self.mailbox = mailbox
        self.research = research
        self.lang = next((tag for tag in data["languages"] if tag in ("fr", "en")), "en")
        self.pin = ""

    def open_new(self) -> str:
        """Wait for a new mail and open its question; gives the address of the page."""
        self.mailbox.new(link=CODE, service="research")
        return self.open_newest()

    def open_newest(self) -> str:
        """Open the question of the newest mail: older codes open nothing any more."""
        wait_for(f"{self.name} can open the newest mail", self._opens)
        return self.url

    def _opens(self) -> bool:
        self.open(f"{self.research}/{self.lang}/partner")
        if not self.has_form(r"/partner/open$"):  # an earlier question is still open here
            self.submit(r"/partner/close$")
            self.open(f"{self.research}/{self.lang}/partner")
        found = self.mailbox.newest(CODE, "research")
        form = self.form(r"/partner/open$")
        if found is None or form is None:
            return False
        self.try_to(r"/partner/open$", {"code": found})
        if self.has_form(r"/partner/pin$"):
            self.submit(r"/partner/pin$", {"pin": self.pin})
        return not self.has_form(r"/partner/open$")

    def accept(self) -> None:
        """Take the question."""
        self.submit(r"/partner/accept$")

    def decline(self, reason: str, words: str) -> None:
        """Leave the question to somebody else."""
        self.submit(r"/partner/decline$", {"decline_reason": reason, "decline_words": words})

    def answer(
        self, fields: Mapping[str, Value], sources: Sequence[Mapping[str, Any]]
    ) -> "Partner":
        """Send what was found, with its sources."""
        while len(sources) > len(self.form(r"/partner/answer$").select("[name$=_consulted_on]")):
            self.submit(r"/partner/answer$", button="more")
        filled = dict(fields)
        for number, source in enumerate(sources, 1):
            filled |= source_fields(number, source)
        if self.form(r"/partner/answer$").select_one("[name=show_name]"):
            filled["show_name"] = True
        self.submit(r"/partner/answer$", filled, button="send")
        return self

    def reads_that_we_have_it(self) -> bool:
        """Whether the page says, in this partner's language, that the answer arrived."""
        return RECEIVED[self.lang] in self.text


def source_fields(number: int, source: Mapping[str, Any]) -> dict[str, Value]:
    """One row of the sources, as this partner fills it in."""
    row = {
        "kind": source["kind"],
        "label": source["title"],
        "public_label": source["public_label"] or "",
        "publisher": re.sub(r"^\(.*\)$", "", source["publisher"] or ""),
        "url": source["url"] or "",
        "published_on": source["published_on"] or "",
        "consulted_on": source["consulted_on"],
        "primary": bool(source["primary"]),
        "confidentiality": source["visibility"],
    }
    return {f"source_{number}_{name}": value for name, value in row.items()}
