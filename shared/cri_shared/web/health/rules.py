"""What state a process is in: from what was found out to parts, reasons and a status."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

OUTBOX_LATE_SECONDS = 60.0


class State(StrEnum):
    """How a part or a whole process is; a process is as its worst part."""

    READY = "ready"
    DEGRADED = "degraded"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True)
class Part:
    """One part of a process; `reason` is a slug for programs, None where the part is ready."""

    name: str
    state: State = State.READY
    reason: str | None = None


@dataclass(frozen=True)
class Kept:
    """What the database says of events and the trail; each mapping is from producer to a count."""

    waiting: int
    age_seconds: float
    refused: int
    dead: Mapping[str, int]
    gaps: Mapping[str, int]
    gaps_asked: int
    seals: Mapping[str, int]
    unsealed: int = 0  # entries of the audit trail


@dataclass(frozen=True)
class Working:
    """What runs in a process that works; `lag` is None where NATS did not tell it."""

    nats: str | None
    lag: Mapping[str, int] | None
    relay_runs: bool
    clockwork_runs: bool
    clockwork_stuck: bool


@dataclass(frozen=True)
class Found:
    """What one look at a process found; None is what was not there to be asked.

    `needs` and `helps` tell of each part without which the process cannot work, or not as well,
    whether it is there; `exhausted`, whether requests found no connection to the database left;
    `is_open`, whether what must come before the first request is done.
    """

    kept: Kept | None
    working: Working | None
    needs: Mapping[str, bool]
    helps: Mapping[str, bool]
    exhausted: bool = False
    is_open: bool = True

    @property
    def parts(self) -> list[Part]:
        """Every part of this process and how it is."""
        parts = [_needed("database", self.kept is not None)]
        parts.append(_degraded("pool", self.exhausted and "pool-exhausted"))
        parts += [_needed(name, there) for name, there in self.needs.items()]
        if not self.is_open:
            parts.append(Part("opening", State.UNAVAILABLE, "opening-waits"))
        if self.working is not None:
            parts += _work(self.working)
        if self.kept is not None:
            parts += _events(self.kept)
        return parts + [_degraded(n, not there and f"{n}-away") for n, there in self.helps.items()]

    @property
    def status(self) -> State:
        """The worst state of all parts."""
        states = {part.state for part in self.parts}
        worst = (State.UNAVAILABLE, State.DEGRADED)
        return next((state for state in worst if state in states), State.READY)

    @property
    def reasons(self) -> list[str]:
        """Why the process is not ready, what cannot be done without first."""
        ordered = sorted(self.parts, key=lambda part: part.state is not State.UNAVAILABLE)
        return [part.reason for part in ordered if part.reason is not None]


def _needed(name: str, there: bool) -> Part:
    return Part(name) if there else Part(name, State.UNAVAILABLE, f"{name}-away")


def _degraded(name: str, reason: str | bool | None) -> Part:
    return Part(name, State.DEGRADED, str(reason)) if reason else Part(name)


def _work(working: Working) -> list[Part]:
    clockwork = "clockwork-stuck" if working.clockwork_stuck else None
    return [
        _degraded("nats", working.nats),
        _degraded("relay", not working.relay_runs and "relay-stopped"),
        _degraded("clockwork", clockwork if working.clockwork_runs else "clockwork-stopped"),
    ]


def _events(kept: Kept) -> list[Part]:
    late = "outbox-late" if kept.age_seconds > OUTBOX_LATE_SECONDS else None
    return [
        _degraded("outbox", "outbox-refused" if kept.refused else late),
        _degraded("dead-letters", any(kept.dead.values()) and "dead-letters"),
        _degraded("gaps", kept.gaps_asked > 0 and "gaps"),
        _degraded("seals", any(kept.seals.values()) and "seals-differ"),
    ]
