"""How an answer becomes public, ages, is asked again, and may be taken back."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from cri_stack.demo.journey.asking import officer_of
from cri_stack.demo.journey.researching import arrived, coordinator_of
from cri_stack.demo.journey.step import Course, Step
from cri_stack.demo.people.editor import Editor
from cri_stack.demo.people.person import Value
from cri_stack.demo.people.visitor import Visitor
from cri_stack.demo.waiting import wait_for

REASON = "Read with the coordinator: this is about a public service, not about a person."
GONE = 410
AT_ONCE = 5.0  # seconds of patience for what takes one in ordinary times


def steps(course: Course) -> Iterator[Step]:
    """From the approved answer to the public page, and what becomes of that."""
    question = course.question
    if question.status == "withheld":
        day = question.day("answered_on")
        words = "finds the answer among those that never become public"
        yield course.step(day, 15, "Pieter", words, lambda: withheld(course))
        return
    day = question.day("published_on")
    words = "writes the public question and answer, and hands them in"
    yield course.step(day, 9, "Pieter", words, lambda: write(course))
    words = "approves what Pieter wrote"
    yield course.step(day, 10, "Chantal", words, lambda: approve(course))
    waits = int(question.cast.get("embargo_days", 0))
    if waits:
        public_on = day + dt.timedelta(days=waits)
        words = "does not find it: it waits until its day"
        yield course.step(day, 11, "A visitor", words, lambda: not_yet(course))
        words = "finds it, now that it has waited long enough"
        yield course.step(public_on, 9, "A visitor", words, lambda: find(course))
    else:
        words = "finds it at once"
        yield course.step(day, 11, "A visitor", words, lambda: find(course))
    if "refresh" in question.cast:
        yield from _refreshed(course, question.cast["refresh"])
    if "withdrawn_on" in question.cast:
        day = dt.date.fromisoformat(question.cast["withdrawn_on"])
        words = "takes the entry back, because the partner asks for it"
        yield course.step(day, 9, "Chantal", words, lambda: withdraw(course))
        words = "does not find it any more"
        yield course.step(day, 10, "A visitor", words, lambda: gone(course))


def _refreshed(course: Course, refresh: dict[str, Any]) -> Iterator[Step]:
    days = {name: dt.date.fromisoformat(refresh[name]) for name in refresh if name.endswith("_on")}
    partner = course.world.partner(course.question.partner).name
    words = "sends the public question to the partner again"
    yield course.step(days["sent_on"], 9, "Amina", words, lambda: ask_again(course))
    words = "looks again, and writes how it is now"
    yield course.step(days["answered_on"], 9, partner, words, lambda: answer_again(course))
    words = "approves the new answer"
    yield course.step(days["answered_on"], 10, "Amina", words, lambda: approve_again(course))
    words = "renews the entry, and says what changed"
    yield course.step(days["published_on"], 9, "Pieter", words, lambda: renew(course))
    words = "approves the new version"
    yield course.step(days["published_on"], 10, "Chantal", words, lambda: approve(course))
    words = "reads the new version"
    yield course.step(days["published_on"], 11, "A visitor", words, lambda: read_again(course))


def editor_of(course: Course, person: str = "editor") -> Editor:
    """An editor of the cast."""
    editor = course.world.staff[person]
    assert isinstance(editor, Editor)
    return editor


def visitor_of(course: Course) -> Visitor:
    """A visitor who never came before."""
    return Visitor(course.world.url("search"))


def withheld(course: Course) -> str:
    """What the partner forbids is listed without its text, and found nowhere."""
    editor, visitor = editor_of(course), visitor_of(course)
    words = course.question.data["question_research"]["text"]
    seen = wait_for("the answer is listed as withheld", lambda: _listed(editor))
    course.check("nothing of its text is kept there", words[:40] not in seen, seen)
    hits = visitor.api_hits(words, country=course.question.country)
    course.check("a search finds nothing of it", not hits, str(hits))
    course.world.report.reached(course.ref, "published", "withheld")
    return editor.url


def _listed(editor: Editor) -> str | None:
    text = editor.withheld()
    return text if "Afghanistan" in text else None


def write(course: Course) -> str:
    """The editor writes every language that the content has."""
    question, editor = course.question, editor_of(course)
    title = question.data["question_research"]["text"]
    course.entry_id = editor.entry_called(title, "draft")
    (language, (public_question, answer)), *others = question.versions.items()
    editor.write(
        course.entry_id,
        public_question,
        answer,
        embargo_days=int(question.cast.get("embargo_days", 0)),
    )
    for other, (text, translated) in others:
        editor.translate(course.entry_id, other, text, translated)
    editor.entry(course.entry_id)
    course.check("the draft is in its language", f'lang="{language}"' in str(editor.page))
    editor.hand_in(course.entry_id, "Chantal", REASON)
    course.check("it waits for somebody else", not editor.has_form(r"/approve$"))
    return editor.url


def approve(course: Course) -> str:
    """A second editor stands for it."""
    editor = editor_of(course, "second_editor")
    editor.approve(course.entry_id)
    course.slug = editor.slug(course.entry_id)
    return editor.url


def not_yet(course: Course) -> str:
    """Approved is not public: the waiting time runs."""
    editor, visitor = editor_of(course), visitor_of(course)
    waits = int(course.question.cast["embargo_days"])
    expected = course.world.clock.now().date() + dt.timedelta(days=waits)
    public_from = editor.public_from(course.entry_id)
    course.check("it is scheduled for its day", public_from == expected, str(public_from))
    words = next(iter(course.question.versions.values()))[0]
    hits = visitor.api_hits(words, country=course.question.country)
    course.check("nobody finds it before", not hits, str(hits))
    return editor.url


def find(course: Course) -> str:
    """It is found in every language that it has, and says what the content says."""
    visitor, question = visitor_of(course), course.question
    course.slug = wait_for(
        "the entry has an address", lambda: editor_of(course).slug(course.entry_id)
    )
    for language, (words, _answer) in question.versions.items():
        wait_for(
            f"a search in {language} finds the entry",
            lambda lang=language, q=words: course.slug in visitor.slugs_found(q, _page_of(lang)),  # type: ignore[misc]
            AT_ONCE,
        )
    _check_hit(course, visitor)
    _check_page(course, visitor)
    course.reached("published")
    return f"{visitor.search}/en/entries/{course.slug}"


def _page_of(language: str) -> str:
    return language if language in ("nl", "fr", "en") else "en"


def _check_hit(course: Course, visitor: Visitor) -> None:
    question = course.question
    words = next(iter(question.versions.values()))[0]
    hits = visitor.api_hits(_with_a_slip(words), country=question.country)
    course.check("a word with a slip still finds it", bool(hits), words)
    for hit in hits[:1]:
        for name, wanted in (
            ("country", question.country),
            ("topics", question.topics),
            ("outcome", question.outcome),
            ("information_date", question.data["answer"]["as_of"]),
        ):
            course.check(f"its {name} is that of the content", hit[name] == wanted, str(hit[name]))
        days = dt.date.fromisoformat(hit["review_by"]) - dt.date.fromisoformat(
            hit["information_date"]
        )
        valid = question.data["answer"]["valid_days"]
        course.check("it stays good as long as its topics say", days.days == valid, str(days))


def _with_a_slip(words: str) -> str:
    """The same words, two letters of the longest one swapped."""
    longest = max(words.split(), key=len)
    middle = len(longest) // 2
    slip = longest[:middle] + longest[middle + 1] + longest[middle] + longest[middle + 2 :]
    return words.replace(longest, slip)


def _check_page(course: Course, visitor: Visitor) -> None:
    question = course.question
    answer = next(iter(question.versions.values()))[1]
    language = _page_of(question.answer_language)
    text = visitor.entry_page(course.slug, language)
    course.check("its page shows the answer", " ".join(answer.split()) in text, text)
    hidden = [
        source["title"]
        for source in question.sources
        if source["visibility"] == "internal" and source["label"] != source["title"]
    ]
    course.check("internal sources stay hidden", not any(title in text for title in hidden))
    partner = course.world.content.partners[question.partner]
    named = partner["name"] in text
    wanted = partner["visibility"] == "name_public"
    course.check("the partner is named only where it agreed", named == wanted, partner["name"])


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
    editor.hand_in(course.entry_id, "Chantal", REASON)
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


def withdraw(course: Course) -> str:
    """An editor takes it back."""
    editor = editor_of(course, "second_editor")
    editor.withdraw(course.entry_id, course.question.cast["withdrawn_because"])
    return editor.url


def gone(course: Course) -> str:
    """It has left the index, its page says so, and nothing of its text is left there."""
    visitor, (words, answer) = visitor_of(course), next(iter(course.question.versions.values()))
    wait_for(
        "no search finds it",
        lambda: course.slug not in visitor.slugs_found(words),
        AT_ONCE,
    )
    hits = visitor.api_hits(words, country=course.question.country)
    course.check("nor does the API", not hits, str(hits))
    text = visitor.entry_page(course.slug)
    course.check("its address says that it was taken back", visitor.status == GONE, text)
    course.check("and shows nothing of it", answer[:40] not in text)
    course.world.report.reached(course.ref, "published", "withdrawn")
    return visitor.url
