"""Planting in intake: everything that askers, organisations and officers type about a person."""

import re
import secrets
from dataclasses import dataclass

import httpx
from cri_intake.api.batch import Batch
from cri_intake.api.questions import NewMessage
from cri_intake.console import cover, danger, steps
from cri_intake.console.desk.forms import SendBackForm, TextForm
from cri_intake.console.phone import PhoneForm
from cri_intake.pages.ask import StartForm
from cri_intake.pages.follow import MessageForm
from cri_intake.submission import Contact, QuestionForm, Submission
from cri_stack.demo.people.asker import Asker
from cri_stack.demo.people.officer import CASE
from cri_stack.demo.people.person import Value
from cri_stack.demo.waiting import wait_for

from tests.security.sweep.stage import Stage

COUNTRY, TOPIC = "MN", "health.medication"  # no question of the demo is about Mongolia
ASKED = "Ik ben {} en ik wil weten of insuline daar te koop is."
RELEASED = "Is insulin for sale in the pharmacies of the capital, and what does one pen cost?"
REPLIED = "It is about a grown person who has been ill for a long time."
KEPT = "kept"


@dataclass
class Asked:
    """A question that is in the queue, and who follows it."""

    question_id: str
    asker: Asker


def by_form(stage: Stage) -> Asked:
    """Somebody comes from a search, fills in the public form and adds a message."""
    asker = Asker("An asker", stage.layout.url("intake"), "nl")
    started = stage.aviary.fill(StartForm, "seen, not kept", question=ASKED)
    start = {"country": COUNTRY, **started}
    httpx.post(f"{asker.intake}/nl/ask/start", data=start).raise_for_status()
    before = set(stage.officer.cases_in("new", COUNTRY))
    asker.open(f"{asker.intake}/nl/ask")
    typed = stage.aviary.fill(QuestionForm, KEPT, question=ASKED)
    fields: dict[str, Value] = {**_facts(), **typed, "safe_to_write": True}
    asker.submit(r"/ask$", fields)
    asker.keep_number()
    asker.follow()
    asker.submit(r"/follow/message$", stage.aviary.fill(MessageForm, KEPT, message=ASKED))
    stage.see(asker.follow())
    newest = lambda: set(stage.officer.cases_in("new", COUNTRY)) - before  # noqa: E731
    return Asked(wait_for("it is in the queue", newest).pop(), asker)


def _facts() -> dict[str, Value]:
    return {"country": COUNTRY, "language": "nl", "role": "self", "consent": True}


def by_api(stage: Stage, api: httpx.Client) -> Asked:
    """An organisation posts a question and a message, then two in one request."""
    told = post(api, "/questions", submission(stage, KEPT)).raise_for_status().json()
    path = f"/questions/{told['question_id']}"
    post(api, f"{path}/messages", stage.aviary.fill(NewMessage, KEPT)).raise_for_status()
    stage.see(api.get(path).text)
    row = submission(stage, KEPT, reference=stage.aviary.new(Batch, "questions", KEPT))
    missed = stage.aviary.new(TextForm, "missed_words", KEPT)
    row["text"] = f"{row['text']} Mijn zus {missed} vraagt het ook."
    many = post(api, "/questions/batch", {"questions": [row, {"text": "short"}]}).json()["results"]
    assert [result["status"] for result in many] == [201, 422]
    _begin_text(stage, many[0]["question"]["question_id"], missed)
    asker = Asker("A client", stage.layout.url("intake"), "nl")
    asker.receipt = told["receipt"]
    return Asked(told["question_id"], asker)


def submission(stage: Stage, how: str, reference: str = "") -> dict[str, object]:
    """A question as a program sends it."""
    return {
        "text": stage.aviary.new(Submission, "text", how, ASKED),
        "reference": reference or stage.aviary.new(Submission, "reference", how),
        "contact": {**stage.aviary.fill(Contact, how), "safe_to_write": True},
        "language": "nl",
        "country": COUNTRY,
        "topics": [TOPIC],
        "asker_role": "organisation",
        "consent": {"version": "2026-1", "given_at": stage.clock.now().isoformat()},
    }


def post(api: httpx.Client, path: str, body: object) -> httpx.Response:
    """Post a body under a fresh idempotency key."""
    return api.post(path, json=body, headers={"Idempotency-Key": secrets.token_urlsafe(24)})


def by_phone(stage: Stage) -> Asked:
    """An officer enters what a caller tells."""
    officer = stage.officer
    officer.at("/console/questions/new")
    typed = stage.aviary.fill(PhoneForm, KEPT, question=ASKED)
    officer.submit(r"/console/questions/new$", {**_facts(), "topic": TOPIC, **typed})
    shown = officer.page.select_one(".bigcode")
    found = re.search(CASE, officer.link(CASE) or "")
    assert found is not None
    assert shown is not None
    asker = Asker("A caller", stage.layout.url("intake"), "nl")
    asker.receipt = shown.get_text().strip()
    stage.see(asker.follow())
    return Asked(found[1], asker)


def _look(stage: Stage, question_id: str, why: str = "triage") -> None:
    stage.officer.reveal(question_id, why)
    stage.see(str(stage.officer.case(question_id).page))


def _begin_text(stage: Stage, question_id: str, missed: str) -> None:
    """An officer writes a text with a name in it; another one does not let it leave.

    The officer also says which of the asker's words the machine `missed`.
    """
    officer, hand = stage.officer, stage.hand
    officer.take(question_id)
    _look(stage, question_id)
    officer.submit(r"/triage$", {"country": COUNTRY, "topic": TOPIC, "sensitivity": "red"})
    officer.at(f"/console/questions/{question_id}/desk")
    told: dict[str, Value] = {"missed_words": missed, "missed_kind": "name"}
    officer.try_to(r"/desk/preview$", {**told, "text": RELEASED, "language": "en"})
    text = stage.aviary.new(TextForm, "text", KEPT, "Where in the capital does {} sell insulin?")
    stage.see(str(officer.write(question_id, text, "en").page))
    assert not officer.release()
    hand.reveal(question_id, "second")
    hand.at(f"/console/questions/{question_id}/desk")
    hand.submit(r"/send-back$", stage.aviary.fill(SendBackForm, KEPT, remark="Take {} out."))
    stage.see(str(officer.at(f"/console/questions/{question_id}/desk").page))


def triage(stage: Stage, asked: Asked) -> None:
    """The officer takes it, reads it, says what it is about and writes to the asker.

    The region that an officer types here leaves with the released text, so it is a plain one.
    """
    officer, path = stage.officer, f"/console/questions/{asked.question_id}"
    officer.take(asked.question_id)
    _look(stage, asked.question_id)
    officer.submit(r"/triage$", {"country": COUNTRY, "topic": TOPIC, "region": "Ulaanbaatar"})
    officer.at(path)
    officer.submit(r"/message$", stage.aviary.fill(steps.MessageForm, KEPT, message=ASKED))
    stage.see(asked.asker.follow())
    officer.at(path)
    officer.submit(r"/danger$", {"danger": "child"})
    officer.submit(r"/danger/done$", stage.aviary.fill(danger.DoneForm, KEPT))
    stage.see(str(officer.at(path).page))
    _look(stage, asked.question_id)


def refuse(stage: Stage, asked: Asked) -> None:
    """Nobody can look for this answer; the officer says so in their own words."""
    stage.officer.take(asked.question_id)
    _look(stage, asked.question_id)
    words = stage.aviary.fill(steps.RefuseForm, KEPT, words=ASKED)
    stage.officer.submit(r"/refuse$", {"reason": "outside", **words})
    stage.see(asked.asker.follow())


def refer(stage: Stage, asked: Asked) -> None:
    """Somebody else can help."""
    stage.officer.take(asked.question_id)
    _look(stage, asked.question_id)
    region = stage.aviary.fill(steps.TriageForm, KEPT)
    stage.officer.submit(r"/triage$", {"country": COUNTRY, "topic": TOPIC, **region})
    _look(stage, asked.question_id)
    referral = stage.aviary.fill(steps.ReferForm, KEPT, referral=ASKED)
    stage.officer.submit(r"/refer$", referral)
    stage.see(asked.asker.follow())


def release(stage: Stage, asked: Asked) -> None:
    """The officer tries to let the asker's own words go, and is stopped; then a new text goes."""
    officer = stage.officer
    known = next(c for c in stage.seen if c.field.endswith("QuestionForm.question"))
    shape = f"Where does {known.needle} or {{}} go?"
    blocked = stage.aviary.new(TextForm, "text", "blocked", shape)
    officer.write(asked.question_id, blocked, "en", refused=True)
    officer.write(asked.question_id, RELEASED, "en")
    if not officer.release():
        stage.hand.confirm(asked.question_id)
    _look(stage, asked.question_id, "reply")
    officer.submit(r"/cover$", stage.aviary.fill(cover.CoverForm, KEPT, cover=ASKED))
    stage.see(str(officer.case(asked.question_id).page))


def reply(stage: Stage, asked: Asked) -> None:
    """A partner asked something; the asker tells more, and a new text of it goes."""
    asker, officer = asked.asker, stage.officer
    wait_for("the asker is asked", lambda: asker.has_form(r"/message$") and asker.follow())
    told = stage.aviary.fill(MessageForm, KEPT, message=ASKED)
    asker.submit(r"/follow/message$", told)
    stage.see(asker.follow())
    address = r"/(clarifications/[\w-]+)$"
    wait_for("the officer is asked", lambda: officer.case(asked.question_id).link(address))
    _look(stage, asked.question_id, "reply")
    desk = str(officer.link(address)).partition(f"{asked.question_id}/")[2]
    for text, stopped in ((told["message"], True), (REPLIED, False)):
        officer.write(asked.question_id, text, "en", refused=stopped, desk=desk)
    if not officer.release(desk):
        stage.hand.confirm(asked.question_id, desk)


def deliver(stage: Stage, asked: Asked) -> None:
    """The officer adds a note in the asker's language; the asker reads it and says thanks."""
    officer = stage.officer
    waits = lambda: officer.status_of(asked.question_id) == "Answer to deliver"  # noqa: E731
    wait_for("an answer waits", waits)
    _look(stage, asked.question_id, "delivery")
    note = stage.aviary.fill(steps.DeliverForm, KEPT, note=ASKED)["note"]
    officer.deliver(asked.question_id, "cover", "nl", note)
    stage.see(asked.asker.answer())
    asked.asker.rate("yes")
