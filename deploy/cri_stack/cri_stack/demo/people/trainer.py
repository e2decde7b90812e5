"""Trainers: they plan editions, let people sign up, note who came and read what they thought."""

import datetime as dt
import re
from typing import Any

from cri_stack.demo.people.person import Value
from cri_stack.demo.people.staff import StaffMember
from cri_stack.demo.waiting import Trouble

EDITION = r"/console/editions/([\w-]{16,40})$"
WORKSHOP = r"/console/workshops/([\w-]{16,40})$"


class Trainer(StaffMember):
    """Somebody at training's console."""

    def edition(self, edition_id: str) -> "Trainer":
        """Open an edition."""
        self.at(f"/console/editions/{edition_id}")
        return self

    def plan(self, workshop: dict[str, Any], days: list[dt.date]) -> str:
        """Make a workshop and an edition of it with a session on each day; gives its id."""
        self.at("/console/workshops/new")
        words = {name: workshop[name] for name in ("title", "summary", "language")}
        self.submit(r"/console/workshops/new$", words)
        workshop_id = self._made(WORKSHOP)
        self.at("/console/editions/new")
        fields: dict[str, Value] = {
            "workshop": workshop_id,
            "language": workshop["language"],
            "format": "venue",
            "town": workshop["town"],
            "venue": workshop["venue"],
            "trainers": self.name,
            "capacity": workshop["capacity"],
        }
        for number, day in enumerate(days, 1):
            fields |= {
                f"date_{number}": day.isoformat(),
                f"start_{number}": "13:30",
                f"end_{number}": "16:30",
            }
        self.submit(r"/console/editions/new$", fields)
        return self._made(EDITION)

    def _made(self, pattern: str) -> str:
        found = re.search(pattern, self.url)
        if found is None:
            raise Trouble(f"{self.url} is not what was made: {self.complaint()}")
        return found[1]

    def publish(self, edition_id: str) -> None:
        """Let people sign up."""
        self.edition(edition_id)
        self.submit(r"/publish$")

    def participants(self, edition_id: str) -> str:
        """The staff list, as it reads."""
        return self.at(f"/console/editions/{edition_id}/participants").text

    def note_who_came(self, edition_id: str, sessions: int) -> int:
        """Everybody with a place was at every session; gives how many marks that were."""
        marks = 0
        for number in range(1, sessions + 1):
            self.at(f"/console/editions/{edition_id}/attendance/{number}")
            marks += len(self.page.select("li.person"))
            self.submit(rf"/attendance/{number}$", {})
        return marks

    def feedback(self, edition_id: str) -> str:
        """The counts of the feedback, as they read."""
        return self.at(f"/console/editions/{edition_id}/feedback").text

    def close_feedback(self, edition_id: str) -> str:
        """Take no more answers; gives the counts as they read then."""
        self.feedback(edition_id)
        self.submit(r"/feedback/close$")
        return self.feedback(edition_id)
