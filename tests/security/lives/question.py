"""The life of a question: two officers, a coordinator, a partner, and events in between."""

import datetime as dt
import json
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from cri_intake.app import create_app
from cri_intake.settings import Settings
from cri_shared import clock
from cri_shared.bus.dead_letters import Letter
from cri_shared.events import Event
from cri_shared.events.intake import ClarificationGiven, QuestionCleared
from cri_shared.events.research import AnswerApproved, ClarificationAsked, QuestionDispatched
from cri_shared.service import Service
from cri_shared.testing.services import settings_for
from cri_shared.testing.web import running
from hypothesis.stateful import initialize, invariant, rule
from sqlalchemy import select

from tests.intake.conftest import Intake
from tests.intake.desk import CHECKED, TEXT
from tests.intake.officers import Officer
from tests.research.conftest import Phone, Research, good_answer
from tests.research.conftest import started as research_started
from tests.security.lives.running import CHANCES, Life, fields_of, marks_in

NAME = "Examplyan"  # of the asker, in the raw text
OLD = 0.4  # of the pages that are approved on
# How often each is tried.
STEPS = {
    **{"write at the desk": 3, "write a name at the desk": 1, "let go": 5, "reply": 1},
    **{"deliver with a note": 1, "events": 9, "an event again": 1},
    **{"answer": 9, "ask back": 2, "decline": 1, "warn": 1, "keep a draft": 1},
    **{"open the review": 4, "approve": 5, "return": 4, "reopen": 2},
    **{"give up": 1, "to the desk": 1},
}


@dataclass
class Stage:
    """Intake and research, and who is at work in them."""

    intake: Intake
    research: Research
    officers: list[Officer]
    phone: Phone
    question_id: str


@asynccontextmanager
async def staged(folder: Path) -> AsyncIterator[Stage]:
    """Both services with a question that an officer has taken, and a partner in its country."""
    (folder / "intake").mkdir()
    async with AsyncExitStack() as open_until:
        app = create_app(settings_for(Settings, folder / "intake"))
        client = await open_until.enter_async_context(running(app))
        intake = Intake(app, client, "", folder / "intake")
        intake.key = await intake.another_key("Caritas")
        (folder / "research").mkdir()
        research = await open_until.enter_async_context(research_started(folder / "research"))
        await research.add_partner()
        posted = await intake.post("the-key-of-this-life", text=f"Karen {NAME} asks: {TEXT}")
        officers = [await Officer.arrive(intake, name) for name in ("Leen D.", "Sofie V.")]
        question_id = str(posted.json()["question_id"])
        await officers[0].triaged(question_id)
        phone = await open_until.enter_async_context(research.phone())
        yield Stage(intake, research, officers, phone, question_id)


@dataclass
class Outbox:
    """What a service told others, and how far that has come."""

    service: Service
    letters: list[Letter] = field(default_factory=list)
    delivered: int = 0

    def newest(self, event: type[Event]) -> dict[str, str]:
        """The content of the newest event of a kind, empty where there is none."""
        of_kind = [one for one in self.letters if one.subject == event.subject]
        content: dict[str, str] = json.loads(of_kind[-1].body) if of_kind else {}
        return content

    async def read(self) -> list[Letter]:
        """What was told since the last look."""
        outbox = self.service.database.outbox
        table = outbox.tables.outbox
        async with self.service.database.reading() as session:
            rows = (await session.execute(select(table).order_by(table.c.id))).all()
        new = rows[len(self.letters) :]
        letters = []
        for row in new:
            headers = row.headers if isinstance(row.headers, dict) else json.loads(row.headers)
            body = outbox.unseal(row.event_id, row.body)
            letters.append(Letter(row.event_id, row.subject, headers, body))
        self.letters += letters
        return letters


class QuestionLife(Life):
    """Nothing leaves the desk, and no answer reaches an asker, but what a person let go."""

    @initialize(chance=CHANCES)
    def begin(self, chance: Random) -> None:
        self.chance = chance
        self.stage = self.enter(staged(self.folder))
        research = self.stage.research.rig.service
        intake = self.stage.intake.rig.service
        self.told = {"intake": Outbox(intake), "research": Outbox(research)}
        self.hearers = {"intake": research, "research": intake}
        self.drafts: dict[str, frozenset[str]] = {}
        self.read: frozenset[str] = frozenset()  # by whoever lets something go now
        self.let_go: frozenset[str] = frozenset()
        self.approved: frozenset[str] = frozenset()
        self.notes: frozenset[str] = frozenset()
        self.review: tuple[dict[str, Any], frozenset[str]] | None = None
        self.kept = self.review
        self.run(self._let_go())
        self.run(self._events())

    @rule()
    def something_happens(self) -> None:
        (what,) = self.chance.choices(list(STEPS), list(STEPS.values()))
        self.step(getattr(self, f"_{what.replace(' ', '_')}")())

    @property
    def research_id(self) -> str:
        """Under which research knows the question last, empty before it does."""
        return self.told["intake"].newest(QuestionCleared).get("research_id", "")

    async def _write_at_the_desk(self, text: str = TEXT) -> bool:
        word = self.mark()
        officer = self.stage.officers[self.marks % 2]
        shown = await officer.preview(self.stage.question_id, f"{text} They say {word}.")
        found = re.search(r'name="draft" value="([^"]+)"', shown.text)
        if found is not None:
            self.drafts[found[1]] = marks_in(f" {word} ")
        return found is not None

    async def _write_a_name_at_the_desk(self) -> bool:
        return await self._write_at_the_desk(f"Karen {NAME} asks: {TEXT}")

    async def _let_go(self) -> bool:
        """An officer lets one of the last texts go, not always the newest."""
        if not self.drafts and not await self._write_at_the_desk():
            return False
        draft = list(self.drafts)[-1 - self.marks % min(2, len(self.drafts))]
        self.read = self.drafts[draft]
        path = f"/{self.stage.question_id}/desk/release"
        done = await self.stage.officers[self.marks % 2].post(path, draft=draft)
        return done.status_code == 303

    async def _reply(self) -> bool:
        """An officer answers what a partner asked, through the same gate."""
        about = self.told["research"].newest(ClarificationAsked).get("clarification_id")
        if about is None:
            return False
        word, officer = self.mark(), self.stage.officers[0]
        path = f"/{self.stage.question_id}/clarifications/{about}"
        fields = CHECKED | {"text": f"Twenty units each day, {word}.", "language": "en"}
        shown = await officer.post(f"{path}/preview", **fields)
        found = re.search(r'name="draft" value="([^"]+)"', shown.text)
        if found is None:
            return False
        self.read = marks_in(f" {word} ")
        return (await officer.post(f"{path}/release", draft=found[1])).status_code == 303

    async def _deliver_with_a_note(self) -> bool:
        word = self.mark()
        fields = {"kind": "cover", "note_language": "en", "note": f"This is for you, {word}."}
        path = f"/{self.stage.question_id}/deliver"
        done = await self.stage.officers[0].post_looked(path, **fields)
        self.notes |= marks_in(f" {word} ")
        return done.status_code == 303

    async def _events(self) -> bool:
        """What was told arrives at the other service, and the newest mail at the partner."""
        before = sum(box.delivered for box in self.told.values())
        for name, box in self.told.items():
            await box.read()
            for letter in box.letters[box.delivered :]:
                await self._hand_over(name, letter)
            box.delivered = len(box.letters)
        await self.stage.research.duties()
        if mails := await self.stage.research.letters():
            await self.stage.phone.open(mails[-1])
        return before < sum(box.delivered for box in self.told.values())

    async def _hand_over(self, name: str, letter: Letter) -> None:
        hearer = self.hearers[name]
        if letter.subject in hearer.consumer.hears:
            await hearer.consumer.retry(letter)

    async def _an_event_again(self) -> bool:
        for name, box in self.told.items():
            for letter in box.letters[max(0, box.delivered - 1) : box.delivered]:
                await self._hand_over(name, letter)
        return True

    async def _partner(self, what: str, **fields: Any) -> bool:
        return (await self.stage.phone.post(what, **fields)).status_code == 303

    async def _answer(self, do: str = "send") -> bool:
        word = self.mark()
        await self._partner("accept")
        fields = {
            "text": f"Both types were in stock in two of three pharmacies, {word}.",
            "source_1_label": f"Visit to three pharmacies, {word}",
            "do": do,
        }
        return await self._partner("answer", **good_answer(**fields))

    async def _keep_a_draft(self) -> bool:
        return await self._answer("draft")

    async def _ask_back(self) -> bool:
        return await self._partner("ask", ask_text=f"Which dose, {self.mark()}?")

    async def _decline(self) -> bool:
        return await self._partner("decline", decline_reason="other")

    async def _warn(self) -> bool:
        return await self._partner("problem", problem="unclear")

    async def _open_the_review(self) -> bool:
        page = await self.stage.research.client.get(f"/console/questions/{self.research_id}/review")
        form = fields_of(page.text, "approve") if page.status_code == 200 else None
        if form is not None:
            self.review = form, marks_in(page.text)
            self.kept = self.kept or self.review
        return form is not None

    async def _approve(self) -> bool:
        """The coordinator approves what the page showed, which may be old."""
        if self.review is None and not await self._open_the_review():
            return False
        if self.kept is not None and self.chance.random() < OLD:
            self.review, self.kept = self.kept, None
        assert self.review is not None
        form, self.read = self.review
        self.review = None
        path = f"/console/questions/{self.research_id}/approve"
        return (await self.stage.research.post(path, **form, seen="yes")).status_code == 303

    async def _return(self) -> bool:
        assignment = self.told["research"].newest(QuestionDispatched).get("assignment_id")
        fields = {
            "return_note": "Say which pharmacies.",
            "return_due_on": (clock.today() + dt.timedelta(days=9)).isoformat(),
        }
        path = f"/console/assignments/{assignment}/return"
        return assignment is not None and await self._coordinator(path, **fields)

    async def _give_up(self) -> bool:
        return await self._coordinator(
            f"/console/questions/{self.research_id}/give-up", why="expired"
        )

    async def _reopen(self) -> bool:
        return await self._coordinator(f"/console/questions/{self.research_id}/reopen")

    async def _to_the_desk(self) -> bool:
        path = f"/console/questions/{self.research_id}/return-to-desk"
        return await self._coordinator(path, problem="unclear")

    async def _coordinator(self, path: str, **fields: Any) -> bool:
        return (await self.stage.research.post(path, **fields)).status_code == 303

    @invariant()
    def nothing_leaves_that_nobody_let_go(self) -> None:
        if hasattr(self, "review"):
            self.run(self._look_at_what_left())

    async def _look_at_what_left(self) -> None:
        for box in self.told.values():
            for letter in await box.read():
                self._look_at(letter)
        seen = await self.stage.intake.get(f"/questions/{self.stage.question_id}")
        shown = marks_in(seen.text)
        assert shown <= self.approved | self.notes, "an asker reads what nobody approved"

    def _look_at(self, letter: Letter) -> None:
        """What the desk tells was let go by an officer, an answer was read by the coordinator."""
        told, words = marks_in(letter.body.decode()), letter.body.decode()
        assert NAME not in words, f"{letter.subject} tells who asks"
        if letter.subject in (QuestionCleared.subject, ClarificationGiven.subject):
            assert told <= self.read, f"{letter.subject}: nobody let this go"
            self.let_go |= told
            self.tally.left += 1
        if letter.subject == AnswerApproved.subject:
            assert told <= self.read | self.let_go, "the coordinator did not read this"
            self.approved |= told
            self.tally.left += 1
