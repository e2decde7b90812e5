"""An asker lets an organisation help: it follows, writes for them, and stops when they say so."""

from collections.abc import Iterator

from cri_stack.demo.journey.asking import officer_of
from cri_stack.demo.journey.step import Course, Step
from cri_stack.demo.people.asker import Asker

WRITTEN = "We know more next week. Can it wait until then?"
REPLIED = "It can wait. They stay at our house until then."


def steps(course: Course) -> Iterator[Step]:
    """From the code to the end of it, where the cast says that somebody helps."""
    if "helped_by" not in course.question.cast:
        return
    day, who = course.question.day("asked_on"), "An asker"
    yield course.step(day, 11, who, "hands the question to an organisation, by a code", hand_over)
    yield course.step(day, 12, "officer", "writes, and the organisation replies for them", write)
    yield course.step(day, 13, who, "reads all of it, and ends that it helps", end)
    words = "begins to ask the same, and the answer is there already"
    yield course.step(course.question.day("published_on"), 12, "Somebody else", words, ask_the_same)


def hand_over(course: Course) -> str:
    """The organisation comes by the code, and sees what the asker lets it see."""
    organisation = course.world.organisation(course.question.cast["helped_by"])
    code = _asker(course).code_for_helper("write")
    told = organisation.follow(code)
    course.check("the organisation follows it", told["question_id"] == course.question_id)
    seen = str(organisation.read(course.question_id))
    hidden = not any(secret in seen for secret in course.question.secrets)
    course.check("it does not read what the asker wrote", hidden)
    course.check("the asker reads who follows", organisation.name in _asker(course).follow())
    return _asker(course).url


def write(course: Course) -> str:
    """A thread of three: the helpdesk, the organisation, and the asker who reads along."""
    organisation = course.world.organisation(course.question.cast["helped_by"])
    officer = officer_of(course)
    officer.message(course.question_id, WRITTEN)
    told = organisation.read(course.question_id)["messages"]
    course.check("the organisation reads the message", told[-1]["text"] == WRITTEN)
    organisation.write(course.question_id, REPLIED)
    officer.reveal(course.question_id, "reply")
    officer.case(course.question_id)
    course.check("the officer reads who replies", organisation.name in officer.text)
    return officer.url


def end(course: Course) -> str:
    """What the asker gave, the asker takes."""
    organisation = course.world.organisation(course.question.cast["helped_by"])
    page = _asker(course).follow()
    course.check("the asker reads the whole thread", WRITTEN in page and REPLIED in page)
    _asker(course).end_help()
    course.check("the organisation finds it no more", not organisation.finds(course.question_id))
    return _asker(course).url


def ask_the_same(course: Course) -> str:
    """Who asks what is public reads it on the form, and sends nothing."""
    question = course.question
    language = "en" if "en" in question.versions else next(iter(question.versions))
    somebody = Asker("Somebody else", course.world.url("intake"), language)
    words = question.versions[language][0]
    shown = somebody.begin(question.country, words)
    course.check("the answer is on the form", words in shown, shown)
    course.check("they need not ask", somebody.is_answered())
    return somebody.url


def _asker(course: Course) -> Asker:
    assert course.asker is not None
    return course.asker
