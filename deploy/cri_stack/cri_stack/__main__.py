"""The command `cri`."""

import typer

command = typer.Typer(name="cri", no_args_is_help=True, add_completion=False)


@command.callback()
def begin() -> None:
    """Run and operate the whole platform on one machine."""


def main() -> None:
    """Run the command line."""
    command()


if __name__ == "__main__":
    main()
