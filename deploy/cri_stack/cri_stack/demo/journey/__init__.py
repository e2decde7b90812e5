"""The journey of every question, as steps on days."""

from cri_stack.demo.journey import asking, opening, publicity, researching
from cri_stack.demo.journey.step import Course, Step
from cri_stack.demo.world import World


def steps_of(world: World) -> list[Step]:
    """Every step of the demo, in order."""
    steps = list(opening.steps(world))
    for question in world.content.questions:
        course = Course(world, question)
        world.report.row(course.ref, f"{question.country} {question.data['title']['en'][:40]}")
        steps += asking.steps(course)
        steps += researching.steps(course)
        steps += publicity.steps(course)
    return sorted(steps, key=lambda step: (step.on, step.hour))


def verify(world: World) -> None:
    """What must be so when everything was played."""
