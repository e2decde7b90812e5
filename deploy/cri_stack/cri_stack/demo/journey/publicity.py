"""How an answer becomes public, and how it may be taken back."""

import datetime as dt
from collections.abc import Iterator
from html import unescape
from io import BytesIO
from zipfile import ZipFile

from cri_stack.demo.journey.step import Course, Step
from cri_stack.demo.people.editor import Editor
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
        yield course.step(day, 15, "editor", words, withheld)
        return
    day = question.day("published_on")
    words = "writes the public question and answer, and hands them in"
    yield course.step(day, 9, "editor", words, write)
    words = "approves what the other editor wrote"
    yield course.step(day, 10, "second_editor", words, approve)
    waits = int(question.cast.get("embargo_days", 0))
    if waits:
        public_on = day + dt.timedelta(days=waits)
        words = "does not find it: it waits until its day"
        yield course.step(day, 11, "A visitor", words, not_yet)
        words = "finds it, now that it has waited long enough"
        yield course.step(public_on, 9, "A visitor", words, find)
    else:
        words = "finds it at once"
        yield course.step(day, 11, "A visitor", words, find)
    if question.cast.get("has_reader"):
        words = "says that the answer was useful"
        yield course.step(day, 12, "A reader", words, rate)
        words = "takes the answers about the country along, to read without internet"
        yield course.step(day, 13, "A reader", words, take_along)
    if "withdrawn_on" in question.cast:
        day = dt.date.fromisoformat(question.cast["withdrawn_on"])
        words = "takes the entry back, because the partner asks for it"
        yield course.step(day, 9, "second_editor", words, withdraw)
        words = "does not find it any more"
        yield course.step(day, 10, "A visitor", words, gone)


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
    editor.hand_in(course.entry_id, course.world.first_name("second_editor"), REASON)
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
    if question.outcome == "conflicting":
        course.check("it shows both versions", "Version A" in text and "Version B" in text, text)
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


def rate(course: Course) -> str:
    """One click and a form, without a name."""
    visitor = visitor_of(course)
    course.check("they are thanked", visitor.finds_useful(course.slug), visitor.text)
    return visitor.url


def take_along(course: Course) -> str:
    """Both kinds of pack hold the answer: a sheet to print, and pages for a memory card."""
    visitor, country = visitor_of(course), course.question.country
    sheet = visitor.take_pack(country, "pdf")
    course.check("the sheet is a PDF", sheet.startswith(b"%PDF"))
    with ZipFile(BytesIO(visitor.take_pack(country, "zip"))) as pack:
        pages = " ".join(pack.read(name).decode() for name in pack.namelist() if ".html" in name)
    words = next(iter(course.question.versions.values()))[0]
    course.check("the pages hold the answer", words in unescape(pages))
    return visitor.url


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

    def told() -> str | None:
        text = visitor.entry_page(course.slug)
        return text if visitor.status == GONE else None

    text = wait_for("its address says that it was taken back", told, AT_ONCE)
    course.check("and shows nothing of it", answer[:40] not in text)
    course.world.report.reached(course.ref, "published", "withdrawn")
    return visitor.url
