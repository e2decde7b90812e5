"""Every route that knows a request again, found in the apps: none is left out of the tables."""

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from cri_shared.events import SERVICES
from cri_shared.identity.policy import routes_of
from cri_shared.testing.services import settings_for

from tests.security.matrices.once.sendings import Written

WRITTEN = ("intake", "research", "search", "training")


def table_of(name: str) -> Written:
    """The table of one service."""
    written: Written = import_module(f"tests.security.matrices.once.{name}")  # type: ignore[assignment]
    return written


_KNOW_AGAIN = {"checked_key", "check_form_token"}  # what those call that know a request again


def known() -> set[str]:
    """Every route that has its lines in a table."""
    return {one.route for name in WRITTEN for one in table_of(name).OPERATIONS}


def found(directory: Path) -> set[str]:
    """Every route that takes an `Idempotency-Key`, or reads the token of a form."""
    return {route for service in SERVICES for route in _of(service, directory / service)}


def _of(service: str, directory: Path) -> Iterator[str]:
    directory.mkdir()
    settings = settings_for(import_module(f"cri_{service}.settings").Settings, directory)
    for route, endpoint in routes_of(import_module(f"cri_{service}.app").create_app(settings)):
        if _KNOW_AGAIN.intersection(inspect.unwrap(endpoint).__code__.co_names):
            yield route
