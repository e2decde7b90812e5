"""How a public answer ages, is asked again by itself, and is renewed."""

import datetime as dt
from collections.abc import Iterator

from cri_stack.demo.journey.asking import officer_of
from cri_stack.demo.journey.publicity import AT_ONCE, REASON, approve, editor_of, visitor_of
from cri_stack.demo.journey.researching import arrived, coordinator_of
from cri_stack.demo.journey.step import Course, Step
from cri_stack.demo.people.person import Value
from cri_stack.demo.people.visitor import Visitor
from cri_stack.demo.waiting import wait_for


def steps(course: Course) -> Iterator[Step]:
    """From the question that goes out again to the new version."""
    refresh = course.question.cast.get("refresh")
    if refresh is None:
        return
    days = {name: dt.date.fromisoformat(refresh[name]) for name in refresh if name.endswith("_on")}
    partner = course.world.partner(course.question.partner).name
    words = "sends the public question to the partner again"
    yield course.step(days["sent_on"], 9, "coordinator", words, ask_again)
    words = "looks again, and writes how it is now"
    yield course.step(days["answered_on"], 9, partner, words, answer_again)
    words = "approves the new answer"
    yield course.step(days["answered_on"], 10, "coordinator", words, approve_again)
    words = "renews the entry, and says what changed"
    yield course.step(days["published_on"], 9, "editor", words, renew)
    words = "approves the new version"
    yield course.step(days["published_on"], 10, "second_editor", words, approve)
    words = "reads the new version"
    yield course.step(days["published_on"], 11, "A visitor", words, read_again)


def ask_again(course: Course) -> str:
    """The public question has gone back to research by itself; a person sends it out."""
    coordinator, question = coordinator_of(course), course.question
    words = next(iter(question.versions.values()))[0]
    course.research_id = arrived(course, words, "new")
    review_by = dt.date.fromisoformat(question.data["publication"]["review_by"])
    if course.world.clock.now().date() > review_by:
        text = visitor_of(course).entry_page(course.slug)
        course.check("its page says that it is due", "due for a new check" in text, text[:200])
        course.world.report.reached(course.ref, "published", "due, renewed")
    partner = course.world.partner(question.partner)
    due_on = course.world.clock.now().date() + dt.timedelta(days=14)
    coordinator.send(course.research_id, partner.name, due_on)
    partner.open_new()
    course.check("the partner sees the public question only", words in partner.text)
    partner.accept()
    return coordinator.url


def answer_again(course: Course) -> str:
    """The partner says how it is now."""
    question, refresh = course.question, course.question.cast["refresh"]
    partner = course.world.partner(question.partner)
    url = partner.open_newest()
    fields: dict[str, Value] = {
        "outcome": question.outcome,
        "text": refresh.get("text", question.data["answer"]["text"]),
        "language": question.answer_language,
        "information_date": refresh["as_of"],
    }
    sources = [{**source, "consulted_on": refresh["as_of"]} for source in question.sources]
    partner.answer(fields, sources)
    return url


def approve_again(course: Course) -> str:
    """The coordinator approves it as any other answer."""
    coordinator = coordinator_of(course)
    words = next(iter(course.question.versions.values()))[0]
    arrived(course, words, "to_review")
    coordinator.approve(course.research_id)
    course.check("the new answer is approved", "approved and on its way" in coordinator.text)
    return coordinator.url


def renew(course: Course) -> str:
    """The editor takes over what changed, or says that it is still true."""
    editor, refresh = editor_of(course), course.question.cast["refresh"]
    wait_for(
        "the new answer stands beside the entry",
        lambda: editor.entry(course.entry_id).has_form(r"/submit$"),
    )
    if "text" in refresh:
        (_, (words, _old)), *_ = course.question.versions.items()
        editor.write(course.entry_id, words, refresh["text"], change_note=refresh["note"])
        dutch, _ = course.question.versions["nl"]
        editor.translate(course.entry_id, "nl", dutch, refresh["nl"])
    else:
        editor.submit(r"/renew$")
    editor.hand_in(course.entry_id, course.world.first_name("second_editor"), REASON)
    return editor.url


def read_again(course: Course) -> str:
    """The page shows the new date, and what changed; the asker is told."""
    visitor, refresh = visitor_of(course), course.question.cast["refresh"]
    as_of = dt.date.fromisoformat(refresh["as_of"])
    shown = f"{as_of.day} {as_of:%B %Y}"
    text = wait_for(
        "the page has the new date",
        lambda: _text_with(visitor, course.slug, shown),
        AT_ONCE,
    )
    course.check("it is no longer due", "due for a new check" not in text)
    if "note" in refresh:
        course.check("its page says what changed", refresh["note"] in text, text)
        course.check("and shows the new text", " ".join(refresh["text"].split()) in text, text)
    officer = officer_of(course)
    wait_for(
        "the helpdesk sees that the asker was told",
        lambda: "has changed; the asker was told" in officer.case(course.question_id).text,
    )
    return visitor.url


def _text_with(visitor: Visitor, slug: str, words: str) -> str | None:
    text = visitor.entry_page(slug)
    return text if words in text else None
