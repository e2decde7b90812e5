"""What a page of operators names: commands of ours, links, settings, addresses of consoles."""

import importlib
import re
from pathlib import Path
from typing import Any

import typer
from cri_shared.events import SERVICES
from typer.core import TyperGroup

from tests.deploy.conftest import ROOT

_COMMAND = re.compile(r"`(cri(?:-[a-z]+)?(?: [a-z-]+)+)")
_LINK = re.compile(r"\]\(([^)\s]+)\)")


def commands_of(page: str) -> set[str]:
    """The commands of ours on a page, each without its arguments and options."""
    return set(_COMMAND.findall(page))


def unknown_commands(page: str) -> set[str]:
    """Those that no program of ours knows."""
    return {command for command in commands_of(page) if not _known(command.split())}


def _known(words: list[str]) -> bool:
    program, *verbs = words
    if program != "cri" and program.removeprefix("cri-") not in SERVICES:
        return False
    module = "cri_stack" if program == "cri" else program.replace("-", "_")
    main = importlib.import_module(f"{module}.__main__")
    known: Any = typer.main.get_command(main.command)
    for verb in verbs:
        if not isinstance(known, TyperGroup):
            return True  # what follows a verb is for it to read
        if verb not in known.commands:
            return False
        known = known.commands[verb]
    return True


def broken_links(page: Path) -> set[str]:
    """Links of a page that lead to no file, or to no heading of it."""
    return {link for link in _LINK.findall(page.read_text()) if not _leads(page, link)}


def _leads(page: Path, link: str) -> bool:
    if link.startswith("https://"):
        return True
    file, _, heading = link.partition("#")
    target = (page.parent / file).resolve() if file else page
    if not target.exists() or ROOT not in target.parents:
        return False
    return not heading or heading in _headings(target)


def _headings(page: Path) -> set[str]:
    lines = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", line.lower()).replace(" ", "-") for line in lines}
