"""What schemathesis draws from every OpenAPI document, sent to a platform on which the demo ran."""

import secrets
from pathlib import Path

import httpx
from cri_stack.layout import Layout

from tests.bench.report import Row
from tests.security.fuzz import OFFERING, Fuzzed, fuzz
from tests.security.platform import played
from tests.security.sweep.stage import Stage

CASES = {"intake": 18_000, "search": 12_000}  # some operations have few that differ


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
    start = secrets.randbelow(1_000_000)
    found = {name: fuzzed(played(), name, CASES[name], start=start) for name in OFFERING}
    rows = [
        Row(f"{name}: cases sent", one.cases.total(), "", note=_statuses(one))
        for name, one in found.items()
    ]
    total = sum(one.cases.total() for one in found.values())
    wrong = [what for one in found.values() for what in one.wrong]
    rows.append(Row("cases sent", total, "", 20_000, at_least=True, note=f"start {start}"))
    rows.append(Row("kinds of answers that are not as described", len(wrong), "", 0))
    return rows


def _statuses(found: Fuzzed) -> str:
    return ", ".join(f"{count} x {status}" for status, count in sorted(found.statuses.items()))


def missed() -> list[str]:
    """What a short run finds, each with the command that shows it again."""
    found = [fuzzed(played(), name, 1_000, start=1) for name in OFFERING]
    return [f"{what}\n{how}" for one in found for what, how in one.wrong.items()]
