"""`python -m cri_stack.register [--check]`: writes the register and the impact assessment.

In `deploy/dpia` of the repository at the current directory. With --check it changes nothing, prints
every page that is out of date, and exits with 1.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from cri_shared.made import settle

from cri_stack.register.dpia import assessment, unshown
from cri_stack.register.holdings import holdings
from cri_stack.register.page import page, spreadsheet

FOLDER = Path("deploy/dpia")
TEMPLATE = "template.md"


def pages(root: Path) -> Iterator[tuple[Path, str]]:
    """Each page, by its file under `root`; raises `FileNotFoundError` without the template."""
    held = holdings()
    folder = root / FOLDER
    yield folder / "register.md", page(held)
    yield folder / "register.csv", spreadsheet(held)
    yield folder / "dpia.md", assessment(held, (folder / TEMPLATE).read_text())


def main(arguments: list[str]) -> int:
    """Write or check every page; 2 where a test is named that is not there, or no template is."""
    root = Path()
    try:
        made = list(pages(root))
    except FileNotFoundError as missing:
        sys.stderr.write(f"{missing.filename} is missing\n")
        return 2
    gone = [f"{file}: there is no {test}" for file, text in made for test in unshown(root, text)]
    if gone:
        sys.stderr.write("\n".join(gone) + "\n")
        return 2
    return settle(made, arguments, "make register")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
