"""What an upgrade of one machine would do: stores, services, and how old the backups are."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cri_shared import clock
from cri_shared.backup.shelf import LATE, moments
from cri_shared.db.migrate import standing
from cri_shared.db.patience import MigrationBlocked
from cri_shared.db.phases import beyond, history
from cri_shared.db.standing import Standing
from cri_shared.release import installed
from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from cri_stack import running
from cri_stack.layout import SERVICES, Layout

IDENTITY = "identity"


class StoreAway(Exception):
    """A database does not answer."""


@dataclass(frozen=True)
class Step:
    """A migration that is still to come."""

    revision: str
    phase: str
    waits_for: tuple[str, ...] = ()  # the older processes that may still need what it takes


@dataclass(frozen=True)
class StorePlan:
    """A database: where it is, and what is still to come."""

    store: str
    revision: str | None
    is_newer: bool
    steps: tuple[Step, ...]

    @property
    def expands(self) -> bool:
        """Whether something must be added before services of this release start."""
        return any(step.phase == "expand" for step in self.steps)


@dataclass(frozen=True)
class ServicePlan:
    """A service: which releases of it run, which one is installed, and how old its backup is."""

    service: str
    running: tuple[str, ...]
    installed: str
    backup_hours: int | None
    backup_is_recent: bool

    @property
    def restarts(self) -> bool:
        """Whether a roll restarts it."""
        return any(release != self.installed for release in self.running)


@dataclass(frozen=True)
class Plan:
    """All of it; `itself` is the release of the `cri up` that runs, where one does."""

    services: tuple[ServicePlan, ...]
    stores: tuple[StorePlan, ...]
    itself: str | None
    itself_installed: str

    @property
    def restarts_itself(self) -> bool:
        """Whether `cri up`, NATS and the index are of another release than what is installed."""
        return self.itself not in (None, self.itself_installed)


def stores(layout: Layout) -> Iterator[tuple[str, str, str]]:
    """(name, package, URL) of each database that has migrations, the shared one first."""
    yield IDENTITY, "cri_shared.identity", layout.environment()["CRI_IDENTITY_DATABASE_URL"]
    for service in SERVICES:
        url = layout.environment(service)[f"CRI_{service.upper()}_DATABASE_URL"]
        yield service, f"cri_{service}", url


def plan_of(layout: Layout) -> Plan:
    """Look at everything, and change nothing. Raises `StoreAway`."""
    found = {name: _standing(name, package, url) for name, package, url in stores(layout)}
    return Plan(
        tuple(_service(layout, service, found[service]) for service in SERVICES),
        tuple(_store(name, standing) for name, standing in found.items()),
        running.release_of_itself(layout),
        str(installed("cri_stack")),
    )


def _standing(name: str, package: str, url: str) -> Standing:
    place = make_url(url)
    if place.get_backend_name() == "sqlite" and not Path(str(place.database)).exists():
        return Standing(None, pending=tuple(beyond(history(package), None)))
    try:
        return standing(package, url)
    except (SQLAlchemyError, OSError) as trouble:
        raise StoreAway(
            f"The database of {name} does not answer ({type(trouble).__name__})."
        ) from None
    except MigrationBlocked as blocked:
        raise StoreAway(f"The database of {name}: {blocked}") from None


def _store(name: str, found: Standing) -> StorePlan:
    older = tuple(map(str, found.older))
    steps = tuple(
        Step(one.id, one.phase, older if one.phase == "contract" else ()) for one in found.pending
    )
    return StorePlan(name, found.revision, found.is_newer, steps)


def _service(layout: Layout, service: str, found: Standing) -> ServicePlan:
    own = [one for one in found.present if one.service == service]
    runs = dict.fromkeys(one.release or "an older release" for one in own)
    age = _backup_age(layout, service)
    return ServicePlan(
        service,
        tuple(runs),
        str(installed(f"cri_{service}")),
        None if age is None else age // dt.timedelta(hours=1),
        age is not None and age <= LATE,
    )


def _backup_age(layout: Layout, service: str) -> dt.timedelta | None:
    """How old the older of the newest backups of data and keys is; None where there is none."""
    told = layout.environment()
    ages = []
    for part, setting in (("data", "CRI_BACKUP_DIR"), ("keys", "CRI_BACKUP_KEYS_DIR")):
        made = moments(Path(told[setting]), service, part)
        if not made:
            return None
        ages.append(clock.now() - max(made))
    return max(ages)
