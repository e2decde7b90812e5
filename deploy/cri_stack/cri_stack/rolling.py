"""`cri upgrade roll`: services of one machine go to the installed release, one after another."""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import psutil
from cri_shared.db.migrate import standing

from cri_stack import running
from cri_stack.health import ask, reasons_in
from cri_stack.layout import Layout
from cri_stack.planning import Plan, ServicePlan, plan_of, stores

READY_SECONDS = 120.0
END_SECONDS = 10.0
LOOK_SECONDS = 0.1
STARTS = 3  # one that ends again and again is not waited for
Say = Callable[[str], None]


class CannotRoll(Exception):
    """Nothing was restarted: something must come first."""


class DidNotComeUp(Exception):
    """A service was restarted and is not as it was; those after it were left alone."""


@dataclass(frozen=True)
class Rolled:
    """A service that runs the installed release now."""

    service: str
    before: tuple[str, ...]
    after: str
    seconds: float


def roll(layout: Layout, say: Say, seconds: float = READY_SECONDS) -> list[Rolled]:
    """Restart what runs another release than the installed one, one service after another.

    Each is waited for until it is ready and has taken in what waited for it. What runs the
    installed release is left alone, so a second time goes on where the first one stopped.

    Raises `CannotRoll`, `DidNotComeUp`, `StoreAway`.
    """
    plan = plan_of(layout)
    _refuse_too_early(layout, plan)
    done = []
    for service in plan.services:
        if service.restarts:
            say(f"{service.service:<11} restarts: {', '.join(service.running)}")
            one = _roll(layout, service, seconds)
            say(f"{service.service:<11} ready after {one.seconds:.1f} s: {one.after}")
            done.append(one)
        else:
            say(f"{service.service:<11} runs {service.installed} already")
    return done


def _refuse_too_early(layout: Layout, plan: Plan) -> None:
    if running.process_of(layout, running.ITSELF) is None:
        raise CannotRoll(
            f"CRI does not run in {layout.var}: `cri up` starts the release that is installed."
        )
    early = [store.store for store in plan.stores if store.expands]
    if early:
        raise CannotRoll(f"Run `cri upgrade migrate` first: {', '.join(early)} must grow.")
    away = [service.service for service in plan.services if not service.running]
    if away:
        raise CannotRoll(f"{', '.join(away)} does not run: see `cri status`, and mend that first.")


def _roll(layout: Layout, service: ServicePlan, seconds: float) -> Rolled:
    before = running.process_of(layout, service.service)
    if before is None:
        raise CannotRoll(f"{service.service} is not one of the processes of this `cri up`.")
    lag = _lag(layout, service.service) or 0
    began = time.monotonic()
    started: set[int] = set()  # the processes since then
    _end(before)
    while not _is_there(layout, service, before, lag):
        took = time.monotonic() - began
        if (after := running.process_of(layout, service.service)) and after != before:
            started.add(after.pid)
        if took > seconds or len(started) > STARTS:
            raise DidNotComeUp(_what_to_do(layout, service, took))
        time.sleep(LOOK_SECONDS)
    took = time.monotonic() - began
    return Rolled(service.service, service.running, service.installed, took)


def _end(process: psutil.Process) -> None:
    """Let a process end, and `cri up` start it again."""
    with suppress(psutil.NoSuchProcess):
        process.terminate()
        try:
            process.wait(END_SECONDS)
        except psutil.TimeoutExpired:
            process.kill()


def _is_there(layout: Layout, service: ServicePlan, before: psutil.Process, lag: int) -> bool:
    """Whether a new process is ready, of the installed release, and has no more to take in."""
    name = service.service
    after = running.process_of(layout, name)
    if after is None or after == before:
        return False
    code, told = ask(f"{layout.url(name)}/health/ready")
    if code != 200 or any(reason.endswith("-away") for reason in reasons_in(told)):
        return False
    left = _lag(layout, name)
    return left is not None and left <= lag and _runs_only(layout, service)


def _lag(layout: Layout, service: str) -> int | None:
    """How many events a service has still to take in; None where it does not say."""
    _, told = ask(f"{layout.url(service)}/health/ready")
    lag = told.get("lag") if isinstance(told, dict) else None
    return sum(lag.values()) if isinstance(lag, dict) else None


def _runs_only(layout: Layout, service: ServicePlan) -> bool:
    """Whether the database knows no process of the service but those of the installed release."""
    (url, package) = next((u, p) for n, p, u in stores(layout) if n == service.service)
    own = [one for one in standing(package, url).present if one.service == service.service]
    return {one.release for one in own} == {service.installed}


def _what_to_do(layout: Layout, service: ServicePlan, seconds: float) -> str:
    name = service.service
    _, told = ask(f"{layout.url(name)}/health/ready")
    why = ", ".join(reasons_in(told)) or "it does not answer"
    return (
        f"{name} is not ready {seconds:.0f} seconds after its restart ({why}). Services after it "
        f"were left alone and go on. Read the end of {layout.logs}/{name}-<day>.log. Mend it, or "
        f"install the release from before ({', '.join(service.running)}), which the database "
        "still fits; `cri up` starts it by itself. Then run `cri upgrade roll` again: it goes on "
        "from here."
    )
