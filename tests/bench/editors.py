"""Two editors at publishing's console, who use it by HTTP and forms as people do."""

import asyncio
import uuid
from pathlib import Path

import nats
from cri_shared import clock
from cri_shared.bus.envelope import headers_for
from cri_shared.events.research import AnswerApproved
from cri_shared.identity.store import Identity
from cri_shared.privacy.keys import KeyRing
from cri_shared.testing.commands import ServiceProcess
from cri_stack.demo.people.editor import Editor
from cri_stack.demo.walking import DemoClock

QUESTION = "Where in Gyumri is {word} given, and what does it cost each month?"
ANSWER = "Two of the three offices that we visited give {word} to adults who are registered there."


class Desk:
    """An editor who writes and one who approves."""

    def __init__(self, writer: Editor, approver: Editor, nats_url: str) -> None:
        self.people = (writer, approver)
        self._writer = writer
        self._approver = approver
        self._nats_url = nats_url

    @classmethod
    async def open(cls, publishing: ServiceProcess, nats_url: str) -> "Desk":
        """Invite both and let them become staff."""
        ring = KeyRing.open(Path(publishing.env["CRI_IDENTITY_KEY_DIR"]))
        identity = Identity(publishing.env["CRI_IDENTITY_DATABASE_URL"], ring, service="publishing")
        people = []
        for first in ("Leen", "Karim"):
            name = f"{first} {uuid.uuid4().hex[:8]}"  # another desk's people are others
            email = f"{name.replace(' ', '.')}@staff.example"
            token = await identity.invite(email, name, ["editor"])
            one = Editor(name, email, publishing.url, DemoClock(publishing.directory / "clock"))
            await asyncio.to_thread(one.accept, f"{publishing.url}/console/invited/{token}")
            people.append(one)
        await identity.close()
        return cls(people[0], people[1], nats_url)

    async def prepare(self, word: str) -> str:
        """Bring an approved answer to just before its publication; gives the entry's id.

        `word` stands in its question and in no other.
        """
        await self._hear(word)
        return await asyncio.to_thread(self._write, word)

    async def _hear(self, word: str) -> None:
        """Say what research says when it approves an answer."""
        today = clock.today()
        said = AnswerApproved(
            research_id=str(uuid.uuid4()),
            question=QUESTION.format(word=word),
            question_language="en",
            country="AM",
            region="Shirak",
            topics=("health.medication",),
            sensitivity="green",
            outcome="found",
            text=ANSWER.format(word=word),
            language="en",
            information_date=today,
            sources=[  # type: ignore[arg-type]
                {"kind": "visit", "label": "Three offices", "consulted_on": str(today)},
                {"kind": "interview", "label": "Health worker", "consulted_on": str(today)},
            ],
            approved_on=today,
        )
        client = await nats.connect(self._nats_url)
        body = said.model_dump_json().encode()
        headers = headers_for(said, version=1)
        await client.jetstream().publish(said.subject, body, headers=headers)
        await client.close()

    def _write(self, word: str) -> str:
        question = QUESTION.format(word=word)
        entry_id = self._writer.entry_called(question, "draft")
        self._writer.write(entry_id, question, ANSWER.format(word=word))
        self._writer.hand_in(entry_id, self._approver.name, "Nothing here tells who asked")
        self._approver.entry(entry_id)
        return entry_id

    async def publish(self, entry_id: str) -> None:
        """Press the button that makes an entry public; its page is open already."""
        if not self._approver.url.endswith(entry_id):
            await asyncio.to_thread(self._approver.entry, entry_id)
        await asyncio.to_thread(self._approver.submit, r"/approve$")

    async def withdraw(self, entry_id: str) -> None:
        """Take a public entry back."""
        await asyncio.to_thread(self._writer.withdraw, entry_id, "wrong")


def unheard_of(number: int) -> str:
    """A word that no entry has, for each number another; letters only, far from each other."""
    letters = "bcdfghjklm"
    return "qua" + "".join(letters[int(digit)] + "o" for digit in f"{number:04d}") + "zine"
