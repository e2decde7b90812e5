"""How a question finds its answer: sent to a partner, answered, approved, delivered."""

import datetime as dt
from collections.abc import Iterator

from cri_stack.demo.journey.asking import officer_of
from cri_stack.demo.journey.step import Course, Step
from cri_stack.demo.people.coordinator import Coordinator
from cri_stack.demo.people.partner import Partner
from cri_stack.demo.people.person import Value
from cri_stack.demo.waiting import wait_for

LATE_AFTER = dt.timedelta(days=2)
LAST_REMINDER = dt.timedelta(days=1)


def steps(course: Course) -> Iterator[Step]:
    """From the research question to the answer in the asker's hands."""
    question = course.question
    sent_on, answered_on = question.day("dispatched_on"), question.day("answered_on")
    if question.cast.get("automatic"):
        words = "sees that the question went to the best partner by itself"
        yield course.step(sent_on, 11, "coordinator", words, sent_by_itself)
    else:
        words = "sends the question to a partner, with a day"
        yield course.step(sent_on, 11, "coordinator", words, send)
    if question.cast.get("declined_by"):
        yield from _declined(course, sent_on)
    words = "opens the link of the mail and accepts"
    yield course.step(sent_on, 14, _partner(course).name, words, accept)
    if question.data["late"]:
        late_on = question.day("due_on") + LATE_AFTER
        words = "sees that the partner is late, and so does the asker"
        yield course.step(late_on, 9, "officer", words, late)
    words = "answers with sources"
    yield course.step(answered_on, 9, _partner(course).name, words, answer)
    if "second_answer" in question.data:
        second = _second_partner(course)
        words = "answers too, and says something else"
        yield course.step(answered_on, 10, second.name, words, answer_too)
    words = "reads the answer and the points of the check, and approves"
    yield course.step(answered_on, 11, "coordinator", words, approve)
    if question.reply is not None:
        words = "adds a translation and delivers the answer"
        yield course.step(answered_on, 13, "officer", words, translate)
    words = "reads the answer behind the number"
    yield course.step(answered_on, 14, "The asker", words, read)


def _declined(course: Course, sent_on: dt.date) -> Iterator[Step]:
    other = course.world.partner(course.question.cast["declined_by"])
    words = "cannot take the question and declines"
    yield course.step(sent_on, 12, other.name, words, decline)
    words = "sends it to another partner"
    yield course.step(sent_on, 13, "coordinator", words, send_to_another)


def coordinator_of(course: Course) -> Coordinator:
    """The coordinator of the cast."""
    coordinator = course.world.staff["coordinator"]
    assert isinstance(coordinator, Coordinator)
    return coordinator


def _partner(course: Course) -> Partner:
    return course.world.partner(course.question.partner)


def _second_partner(course: Course) -> Partner:
    return course.world.partner(course.question.data["second_answer"]["partner"])


def arrived(course: Course, text: str, view: str = "open") -> str:
    """The id of a research question, once it stands on the coordinators' board."""
    coordinator, country = coordinator_of(course), course.question.country
    return wait_for(
        f"“{text[:50]}” is on the board ({view})",
        lambda: coordinator.question_saying(text, country, view),
    )


def send(course: Course) -> str:
    """Send the question out by hand; to two partners where two answer it."""
    coordinator = coordinator_of(course)
    course.research_id = arrived(course, course.question.data["question_research"]["text"])
    first = course.question.cast.get("declined_by") or course.question.partner
    reason = "Knows this town best." if course.question.cast.get("declined_by") else ""
    _send(course, first, reason or "The usual partner for this country.")
    reasons = coordinator.question(course.research_id).text
    course.check("the board says who has it", course.world.partner(first).name in reasons)
    if "second_answer" in course.question.data:
        second = course.question.data["second_answer"]["partner"]
        _send(course, second, "Two accounts are safer here.")
        course.world.partner(second).open_new()
        course.world.partner(second).accept()
    _with_partner(course)
    return coordinator.url


def _send(course: Course, partner: str, reason: str) -> None:
    name = course.world.partner(partner).name
    coordinator_of(course).send(
        course.research_id, name, course.question.day("due_on"), reason=reason
    )


def _with_partner(course: Course) -> None:
    """Wait until the helpdesk sees that a partner has it, and until when."""
    officer = officer_of(course)
    wait_for(
        "the helpdesk sees that a partner has the question",
        lambda: officer.status_of(course.question_id) == "With partner",
    )
    if not course.question.cast.get("automatic"):
        due = course.question.day("due_on")
        shown = f"{due.day} {due:%B %Y}"
        course.check("the helpdesk knows the due date", shown in officer.text, shown)
    course.reached("dispatched")


def sent_by_itself(course: Course) -> str:
    """The policy sent it to the best partner."""
    coordinator = coordinator_of(course)
    text = course.question.data["question_research"]["text"]
    course.research_id = arrived(course, text, "with_partner")
    coordinator.question(course.research_id)
    course.check("it was sent by itself", "(by itself)" in coordinator.text)
    _with_partner(course)
    return coordinator.url


def decline(course: Course) -> str:
    """The first partner declines; the helpdesk hears of it."""
    other = course.world.partner(course.question.cast["declined_by"])
    url = other.open_new()
    other.decline("no_capacity", "We are too few this month.")
    officer = officer_of(course)
    wait_for(
        "the helpdesk hears that a partner declined",
        lambda: "could not take the question" in officer.case(course.question_id).text,
    )
    return url


def send_to_another(course: Course) -> str:
    """Somebody else gets it; who declined is not offered again."""
    coordinator = coordinator_of(course)
    research_id = arrived(course, course.question.data["question_research"]["text"], "new")
    course.check("it is the same question", research_id == course.research_id)
    coordinator.question(research_id)
    course.check("the board says who declined", "Declined this question" in coordinator.text)
    _send(course, course.question.partner, "The usual partner for this country.")
    _with_partner(course)
    return coordinator.url


def accept(course: Course) -> str:
    """The partner opens the page with the code of the mail; it holds the new text only."""
    partner = _partner(course)
    url = partner.open_new()
    course.check(
        "the partner reads the research question",
        " ".join(course.question.data["question_research"]["text"].split()) in partner.text,
    )
    seen = [secret for secret in course.question.secrets if secret in partner.text]
    course.check("and nothing of who asks", not seen, ", ".join(seen))
    partner.accept()
    return url


def late(course: Course) -> str:
    """The day has passed: reminders went out, and everybody can see it."""
    officer, partner = officer_of(course), _partner(course)
    officer.case(course.question_id)
    wait_for(
        "the helpdesk sees that the partner is late",
        lambda: "The partner is late" in officer.case(course.question_id).text,
    )
    partner.mailbox.new(service="research")
    asker = course.asker
    course.check(
        "the asker reads that it takes longer",
        asker is not None and "takes longer than we said" in asker.follow("en"),
    )
    coordinator = coordinator_of(course)
    text = course.question.data["question_research"]["text"]
    on_board = coordinator.question_saying(text, course.question.country, "overdue")
    course.check("the board shows it as overdue", on_board == course.research_id)
    return f"{coordinator.console}/console/questions?view=overdue"


def answer(course: Course) -> str:
    """The partner sends what was found."""
    question, partner = course.question, _partner(course)
    url = partner.open_newest()
    fields: dict[str, Value] = {
        "outcome": question.outcome,
        "text": question.data["answer"]["text"],
        "language": question.answer_language,
        "information_date": question.data["answer"]["as_of"],
        "tried": str(question.cast.get("tried", "")),
        "do_not_publish": question.status == "withheld",
    }
    partner.answer(fields, question.sources)
    course.check("the partner reads that we have it", partner.reads_that_we_have_it())
    partner.again()
    course.check("sending it twice does no harm", partner.reads_that_we_have_it())
    course.reached("answered")
    return url


def answer_too(course: Course) -> str:
    """A second partner answers the same question."""
    second = course.question.data["second_answer"]
    partner = _second_partner(course)
    url = partner.open_newest()
    fields: dict[str, Value] = {
        "outcome": "found",
        "text": second["text"],
        "language": second["lang"],
        "information_date": second["as_of"],
    }
    partner.answer(fields, course.question.cast["second_sources"])
    return url


def approve(course: Course) -> str:
    """The coordinator decides; what the partner forbids stays forbidden."""
    coordinator = coordinator_of(course)
    arrived(course, course.question.data["question_research"]["text"], "to_review")
    coordinator.approve(course.research_id)
    course.check("the answer is approved", "approved and on its way" in coordinator.text)
    coordinator.question(course.research_id)
    if course.question.status == "withheld":
        course.check("it is not for publication", "Not for publication" in coordinator.text)
    if course.question.outcome == "conflicting":
        course.check("both versions are kept", coordinator.text.count("One version") > 1)
    return coordinator.url


def translate(course: Course) -> str:
    """An officer makes the answer readable for its asker."""
    officer, reply, asker = officer_of(course), course.question.reply, course.asker
    assert reply is not None
    assert asker is not None
    wait_for(
        "an answer waits to be delivered",
        lambda: officer.status_of(course.question_id) == "Answer to deliver",
    )
    course.check(
        "the asker has no answer yet", course.asker is not None and not course.asker.answer()
    )
    officer.reveal(course.question_id, "delivery")
    officer.deliver(course.question_id, "translation", course.question.language, reply)
    return officer.url


def read(course: Course) -> str:
    """The asker reads the answer and says whether it was useful."""
    question, asker = course.question, course.asker
    assert asker is not None
    text = wait_for("the answer lies behind the number", asker.answer)
    wanted = question.reply or question.data["answer"]["text"]
    course.check("it is the answer", " ".join(wanted.split()) in text, text)
    if question.data["channel"] == "web_form":
        mailbox = course.world.mailbox(f"asker-{course.ref}@mail.example")
        letter = mailbox.new(service="intake")
        first_words = " ".join(wanted.split()[:6])
        course.check("the mail says only that there is news", first_words not in letter, letter)
    if course.asked is not None:
        organisation = course.world.organisation(question.cast["organisation"])
        told = organisation.read(course.question_id)
        course.check("the API says: answered", told["status"] == "answered", str(told["status"]))
        answer = told.get("answer") or {}
        course.check("the API gives its outcome", answer.get("outcome") == question.outcome)
    else:
        asker.rate("yes")
        course.check("the rating is kept", "Thank you" in asker.follow("en"))
    asker.keep()
    url = asker.url
    asker.close()
    course.reached("delivered")
    return url
