"""The command `cri-research`."""

import os

from cri_shared.cli import service_cli

from cri_research.app import create_app
from cri_research.models import Base
from cri_research.settings import Settings

command = service_cli(
    "research",
    package="cri_research",
    create_app=create_app,
    settings=Settings,
    metadata=Base.metadata,
)


def main() -> None:
    """Run the command line; files that it makes are nobody else's."""
    os.umask(0o077)
    command()


if __name__ == "__main__":
    main()
