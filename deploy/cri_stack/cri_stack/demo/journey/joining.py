"""Somebody of a partner organisation signs in, and sees its questions and nobody else's."""

from collections.abc import Iterator

from cri_stack.demo.journey.step import Course, Step
from cri_stack.demo.people.member import Member, Operator


def steps(course: Course) -> Iterator[Step]:
    """On the day of the answer, where the cast says who reads it at the organisation."""
    reader = course.question.cast.get("read_by")
    if reader is None:
        return
    day = course.question.day("answered_on")
    words = f"lets {reader['name']} sign in for the organisation that asked"
    yield course.step(day, 15, "operator", words, let_in)
    words = "signs in, and reads the answers to the organisation's questions and to no others"
    yield course.step(day, 16, reader["name"], words, read)


def let_in(course: Course) -> str:
    """The operator makes a link, and the person comes by it."""
    world, reader = course.world, course.question.cast["read_by"]
    operator = world.staff["operator"]
    assert isinstance(operator, Operator)
    organisation = world.organisation(course.question.cast["organisation"])
    link = operator.let_in(organisation.name, reader["name"], reader["email"])
    where = operator.url
    member = Member(reader["name"], reader["email"], world.url("intake"), world.clock)
    member.accept(link)
    world.staff[reader["email"]] = member
    return where


def read(course: Course) -> str:
    """What the organisation asked is there, answered; what others asked is nowhere."""
    world = course.world
    member = world.staff[course.question.cast["read_by"]["email"]]
    assert isinstance(member, Member)
    own = world.organisation(course.question.cast["organisation"])
    course.check("they see all that the organisation asked", member.questions() == own.questions())
    others = [other for other in world.organisations.values() if other is not own]
    foreign = [question_id for other in others for question_id in other.posted]
    course.check("others have asked too", bool(foreign))
    found = [question_id for question_id in foreign if member.finds(question_id)]
    course.check("they find nothing of what others asked", not found, str(found))
    course.check("they read the answer", bool(member.answer(course.question_id)))
    return member.url
