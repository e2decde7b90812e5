"""`python -m tests.bench.capacity [--check]`: writes the tables of `deploy/capacity.md`."""

import sys
from pathlib import Path

from cri_shared.made import settle

from tests.bench.capacity.page import page

PAGE = Path("deploy/capacity.md")

if __name__ == "__main__":
    made = [(PAGE, page(PAGE.read_text()))]
    sys.exit(settle(made, sys.argv[1:], "make capacity"))
