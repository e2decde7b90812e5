"""Before the first question: the partners are in the registry, and each country has its policy."""

from collections.abc import Iterator

from cri_stack.demo.journey.step import Step
from cri_stack.demo.people.coordinator import Coordinator
from cri_stack.demo.world import World

ABOUT = "opening"


def steps(world: World) -> Iterator[Step]:
    """The first morning."""
    day, who = world.content.first_day, world.first_name("coordinator")
    words = f"adds {len(world.content.partners)} partners to the registry"
    yield Step(day, 8, ABOUT, who, words, lambda: add_partners(world))
    words = "lets a person choose the partner, but in some countries the best one by itself"
    yield Step(day, 9, ABOUT, who, words, lambda: decide_policies(world))


def _coordinator(world: World) -> Coordinator:
    coordinator = world.staff["coordinator"]
    assert isinstance(coordinator, Coordinator)
    return coordinator


def add_partners(world: World) -> str:
    """Describe every partner; who lives dangerously gets a PIN."""
    coordinator = _coordinator(world)
    for key, data in world.content.partners.items():
        partner = world.partner(key)
        risky = key in world.content.cast["high_risk"]
        partner_id = coordinator.add_partner(
            data, partner.mailbox.address, risk="high" if risky else "normal"
        )
        if risky:
            partner.pin = coordinator.make_pin(partner_id)
    coordinator.at("/console/partners")
    names = [data["name"] for data in world.content.partners.values()]
    missing = [name for name in names if name not in coordinator.text]
    world.report.check(ABOUT, "every partner is in the registry", not missing, str(missing))
    return coordinator.url


def decide_policies(world: World) -> str:
    """Say for each country whether questions go out by themselves."""
    coordinator = _coordinator(world)
    for question in world.content.questions:
        automatic = "yes" if question.cast.get("automatic") else "no"
        coordinator.decide_policy(question.country, automatic)
    return coordinator.url
