"""How a question comes in and leaves the desk: asked, triaged, written anew, released."""

from collections.abc import Iterator

from cri_stack.demo.journey.step import Course, Step
from cri_stack.demo.people.asker import Asker
from cri_stack.demo.people.officer import Officer
from cri_stack.demo.waiting import wait_for

CREATED, UNPROCESSABLE = 201, 422


def steps(course: Course) -> Iterator[Step]:
    """From the asker's words to the research question that leaves."""
    question = course.question
    asked_on, left_on = question.day("asked_on"), question.day("dispatched_on")
    match question.data["channel"]:
        case "partner_api":
            words = "asks through the API"
            yield course.step(asked_on, 9, _organisation_name(course), words, by_api)
        case "phone":
            words = "enters a phone call and reads the number out"
            yield course.step(asked_on, 9, "officer", words, by_phone)
        case _:
            words = "asks through the public form, and sends it twice"
            yield course.step(asked_on, 9, "An asker", words, by_form)
    words = "takes the question and says what it is about"
    yield course.step(asked_on, 10, "officer", words, triage)
    if question.cast.get("leak"):
        words = "tries to release the asker's own words: the desk blocks them"
        yield course.step(left_on, 9, "officer", words, leak)
    words = "writes the research question and lets it go"
    yield course.step(left_on, 10, "officer", words, release)


def _organisation_name(course: Course) -> str:
    cast = course.world.content.cast["organisations"]
    return str(next(o["name"] for o in cast if o["id"] == course.question.cast["organisation"]))


def by_api(course: Course) -> str:
    """A partner organisation posts it, and where the cast says so, posts it again."""
    organisation = course.world.organisation(course.question.cast["organisation"])
    course.asked = organisation.ask(course.question)
    course.question_id = course.asked.question_id
    course.asker = _asker(course, organisation.name)
    course.asker.receipt = course.asked.receipt
    course.check("the API says: received", course.asked.answer["status"] == "received")
    if course.question.cast.get("repeated"):
        again = organisation.post(course.asked.body, course.asked.key)
        same = again.status_code == CREATED and again.json() == course.asked.answer
        replayed = again.headers.get("Idempotent-Replayed") == "true"
        course.check("the same request again gets the same answer", same and replayed, again.text)
        other = organisation.post(
            {**course.asked.body, "text": "Another question?"}, course.asked.key
        )
        course.check(
            "another body under the same key is refused", other.status_code == UNPROCESSABLE
        )
    course.reached("asked")
    return f"{course.world.url('intake')}/api/v1/questions/{course.question_id}"


def by_form(course: Course) -> str:
    """Somebody sends the public form; a second click asks nothing twice."""
    course.asker = _asker(course, "An asker")
    course.asker.ask(course.question, email=asker_address(course))
    url = course.asker.url
    receipt = course.asker.receipt
    course.asker.again().keep_number()
    course.check(
        "sending the form twice asks once, with one number", course.asker.receipt == receipt
    )
    course.question_id = wait_for(
        "the question is in the queue", lambda: _newest(course, course.question.country)
    )
    course.reached("asked")
    return url


def by_phone(course: Course) -> str:
    """An officer enters what a caller asks."""
    officer = officer_of(course)
    course.question_id, receipt = officer.take_phone_call(course.question)
    course.asker = _asker(course, "A caller")
    course.asker.receipt = receipt
    course.reached("asked")
    return f"{officer.console}/console/questions/{course.question_id}"


def _asker(course: Course, name: str) -> Asker:
    return Asker(name, course.world.url("intake"), course.question.language)


def asker_address(course: Course) -> str:
    """Where an asker of the public form may be written to."""
    return f"asker-{course.ref}@mail.example"


def officer_of(course: Course, person: str = "officer") -> Officer:
    """An officer of the cast."""
    officer = course.world.staff[person]
    assert isinstance(officer, Officer)
    return officer


def _newest(course: Course, country: str) -> str | None:
    """The case about this country that nobody has taken yet."""
    waiting = officer_of(course).cases_in("new", country)
    return waiting[0] if waiting else None


def triage(course: Course) -> str:
    """An officer takes it and says what it is about."""
    officer = officer_of(course)
    officer.take(course.question_id)
    officer.reveal(course.question_id, "triage")
    shown = course.question.data["question_raw"].split()
    course.check("the officer reads the words", " ".join(shown) in officer.text)
    officer.triage(course.question_id, course.question)
    course.check("it is at the desk", officer.status_of(course.question_id) == "At the desk")
    return officer.url


def leak(course: Course) -> str:
    """The asker's own words can never leave."""
    officer = officer_of(course)
    raw = course.question.data["question_raw"]
    officer.write(course.question_id, raw, course.question.language, refused=True)
    found = [secret for secret in course.question.secrets if secret in officer.text]
    course.check("the desk says what would leak", bool(found) and "cannot leave" in officer.text)
    course.check("nothing can be released", not officer.has_button("Release this text"))
    return officer.url


def release(course: Course) -> str:
    """The new text leaves, with a second officer where the desk wants one."""
    officer = officer_of(course)
    new = course.question.data["question_research"]
    officer.reveal(course.question_id, "desk")
    officer.write(course.question_id, new["text"], new["lang"])
    if not officer.release():
        second = officer_of(course, "second_officer")
        second.confirm(course.question_id)
        course.check("a red text needs a second officer", True)
    elif course.question.sensitivity == "red":
        course.check("a red text needs a second officer", False)
    status = officer.status_of(course.question_id)
    course.check("the text has left", status in ("Waits for a partner", "With partner"), status)
    return officer.url
