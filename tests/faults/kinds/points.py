"""Kills at the points that the code names, and which process comes by which of them."""

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cri_shared.points import set_trap
from cri_shared.testing.waiting import eventually

from tests.faults.house import House
from tests.faults.kinds.fault import InOnePlace, NotStruck

ROOT = Path(__file__).parents[3]
SPRING_SECONDS = 15.0


def points_of_the_code() -> set[str]:
    """Every name that the product passes to `reached`."""
    sources = [*ROOT.glob("shared/cri_shared/**/*.py"), *ROOT.glob("services/*/cri_*/**/*.py")]
    return {name for source in sources for name in _points(ast.parse(source.read_text()))}


def _points(tree: ast.AST) -> Iterator[str]:
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    for call in calls:
        if isinstance(call.func, ast.Name) and call.func.id == "reached":
            (name,) = call.args
            assert isinstance(name, ast.Constant), "a point has a name that can be read"
            yield str(name.value)


@dataclass
class KilledAt(InOnePlace):
    """SIGKILL at the moment when a service passes a point for the n-th time."""

    place: str
    point: str
    most: int = 5  # n is 1 up to this
    lasts: tuple[float, float] = (0.2, 1.0)
    seconds: float = SPRING_SECONDS

    @property
    def name(self) -> str:
        """The kind, as the report has it."""
        return f"SIGKILL {self.place} at a point"

    def arm(self, house: House, dice: random.Random) -> None:
        """Lay the trap."""
        set_trap(house.trap(self.place), self.point, dice.randint(1, self.most))

    async def inject(self, house: House, dice: random.Random) -> None:
        """Lay the trap and wait until it sprang."""
        self.arm(house, dice)
        try:
            await self.spring(house)
        except AssertionError:
            house.trap(self.place).unlink(missing_ok=True)
            raise NotStruck from None

    async def spring(self, house: House) -> None:
        """Wait until the process has ended; raises `AssertionError` where it does not."""
        trap = house.trap(self.place)
        what = f"{self.place} at {self.point}"
        await eventually(lambda: not trap.exists(), timeout=self.seconds, what=what)

    async def heal(self, house: House) -> None:
        """Take the trap away, and start what it killed."""
        house.trap(self.place).unlink(missing_ok=True)
