"""What schemathesis draws from every OpenAPI document, sent to a platform on which the demo ran."""

import multiprocessing
import secrets
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import httpx
import typer
from cri_shared.events import SERVICES
from cri_stack.layout import Layout

from tests.bench.report import Row
from tests.security.fuzz import Fuzzed, fuzz
from tests.security.platform import played
from tests.security.report import none_of
from tests.security.sweep.stage import Stage

CASES = {"intake": 15_000, "search": 9_000}  # a case of intake is twice the work
ENOUGH = 20_000


def offering(var: Path) -> set[str]:
    """The services of a platform whose description of an API has an operation in it."""
    layout = Layout.found(var)
    told = {name: httpx.get(f"{layout.url(name)}/api/openapi.json") for name in SERVICES}
    return {name for name, answer in told.items() if answer.raise_for_status().json()["paths"]}


def fuzzed(var: Path, service: str, cases: int, *, start: int) -> Fuzzed:
    """Fuzz one service of a played platform, as a partner organisation that came for it."""
    stage = Stage(Layout.found(var))
    with stage.organisation() as api:
        key = api.headers["Authorization"]
        known = {"question_id": _question(api), "entry_id": _entry(stage)}
    return fuzz(stage.layout.url(service), known, cases=cases, start=start, Authorization=key)


def _question(api: httpx.Client) -> str:
    body = {
        "text": "Is er insuline te koop?",
        "language": "nl",
        "country": "MN",
        "asker_role": "organisation",
        "consent": {"version": "2026-1", "given_at": "2026-11-20T10:00:00+01:00"},
    }
    headers = {"Idempotency-Key": secrets.token_urlsafe(24)}
    answer = api.post("/questions", json=body, headers=headers).raise_for_status()
    return str(answer.json()["question_id"])


def _entry(stage: Stage) -> str:
    found = httpx.get(stage.layout.url("search") + "/api/v1/search", params={"q": "insulin"})
    return str(found.raise_for_status().json()["hits"][0]["entry_id"])


def measure() -> list[Row]:
    """The long run; another one each time, whose `start` plays it again."""
    start, var = secrets.randbelow(1_000_000), played()
    found = _side_by_side(var, CASES, start)
    rows = [
        Row(f"{name}: cases sent", one.cases.total(), "", note=_statuses(one))
        for name, one in found.items()
    ]
    total = sum(one.cases.total() for one in found.values())
    wrong = [what for one in found.values() for what in one.wrong]
    typer.echo("\n".join(_shown(found)), err=True)
    left_out = offering(var) - CASES.keys()
    return [
        *rows,
        Row("cases sent", total, "", ENOUGH, at_least=True, note=f"start {start}"),
        none_of("answers not as described", wrong, "kinds"),
        none_of("APIs that were not fuzzed", sorted(left_out)),
    ]


def _side_by_side(var: Path, cases: dict[str, int], start: int) -> dict[str, Fuzzed]:
    """Fuzz several services at once, each from a process of its own."""
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(len(cases), mp_context=fresh) as processes:
        begun = {
            name: processes.submit(fuzzed, var, name, count, start=start)
            for name, count in cases.items()
        }
        return {name: one.result() for name, one in begun.items()}


def _statuses(found: Fuzzed) -> str:
    return ", ".join(f"{count} x {status}" for status, count in sorted(found.statuses.items()))


def missed() -> list[str]:
    """What a short run finds, each with the command that shows it again."""
    found = _side_by_side(played(), dict.fromkeys(CASES, 1_000), start=1)
    return _shown(found)


def _shown(found: dict[str, Fuzzed]) -> list[str]:
    """What was wrong, each with the command that shows it again."""
    return [f"{what}\n{how}" for one in found.values() for what, how in one.wrong.items()]
