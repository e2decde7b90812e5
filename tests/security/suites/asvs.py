"""How the requirements of ASVS 5.0, levels 1 and 2, are answered."""

from collections import Counter

from tests.bench.report import Row
from tests.security.asvs import ELSE, answers


def measure() -> list[Row]:
    """Counts of the answers by their kind."""
    kinds = Counter(answer.kind for answer in answers())
    rows = [Row("requirements of levels 1 and 2", len(answers()), "")]
    return rows + [Row(f"answered: {kind}", kinds[kind], "") for kind in ("shown", *ELSE)]


def missed() -> list[str]:
    """What is not so yet."""
    return [f"{one.item} {one.in_short}: {one.answer}" for one in answers() if one.kind == "open"]
