"""Fuzzing: what schemathesis draws from an OpenAPI document, sent to the service that serves it."""

import contextlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from cri_shared.web.headers import security_headers
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

OFFERING = ("intake", "search")
CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
TELLING = 8  # letters of a word that nobody repeats by chance


PLAUSIBLE = {"country": "AM", "language": "nl", "topics": ["health.medication"], "needed_by": None}
HEADERS = {name.decode() for name, _ in security_headers(())} | {"cache-control"}


@dataclass
class Fuzzed:
    """How many cases were sent, what came back, and what was wrong with it, each thing once."""

    cases: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: dict[str, str] = field(default_factory=dict)

    def note(self, what: str, case: Case, answer: str = "") -> None:
        """Remember something that is wrong, with the first case that showed it."""
        what = f"{case.operation.label}: {what}"
        self.wrong.setdefault(what, f"{case.as_curl_command()}\n{answer[:500]}")


def fuzz(url: str, known: dict[str, str], *, cases: int, start: int, **headers: str) -> Fuzzed:
    """Send so many cases to the API at an address, the same ones for the same `start`; a few less
    where an operation has no more that differ.

    `known` holds ids that there are, by the name of their parameter: half of the cases use them.
    """
    found = Fuzzed()
    schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json")
    operations = [result.ok() for result in schema.get_all_operations()]
    each = -(-cases // (len(operations) * len(GenerationMode)))
    with requests.Session() as session:
        session.trust_env = False
        session.headers.update(headers)
        for operation in operations:
            for mode in GenerationMode:
                _send(operation, mode, each, start, known, session, found)
    return found


def _send(
    operation: Any,
    mode: GenerationMode,
    each: int,
    start: int,
    known: dict[str, str],
    session: requests.Session,
    found: Fuzzed,
) -> None:
    @seed(start)
    @settings(
        max_examples=each,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode), plausible=st.booleans())
    def one(case: Case, plausible: bool) -> None:
        if plausible:
            _make_plausible(case, known)
        _judge(case, session, found)

    with contextlib.suppress(Unsatisfiable):  # nothing can be wrong where nothing is sent
        one()


def _make_plausible(case: Case, known: dict[str, str]) -> None:
    """Put what exists where the document cannot say what does, so that a case gets further."""
    for name in case.path_parameters:
        case.path_parameters[name] = known.get(name, case.path_parameters[name])
    for told in (case.body, case.query):
        if isinstance(told, dict):
            told.update({name: value for name, value in PLAUSIBLE.items() if name in told})


def _judge(case: Case, session: requests.Session, found: Fuzzed) -> None:
    answer = case.call(session=session)
    text = answer.content.decode("utf-8", "replace")
    found.cases[case.operation.label] += 1
    found.statuses[answer.status_code] += 1
    if answer.status_code >= 500:
        found.note(f"status {answer.status_code}", case, text)
    try:
        case.validate_response(answer, CHECKS)
    except FailureGroup as failures:
        for failure in failures.exceptions:
            found.note(f"{type(failure).__name__}: {failure}", case, text)
    if missing := HEADERS - {name.lower() for name in answer.headers}:
        found.note(f"without {', '.join(sorted(missing))}", case)
    if answer.status_code >= 400 and (told := _repeated(case, text)):
        found.note("repeats what was sent", case, f"{told} | {text}")


def _repeated(case: Case, text: str) -> str | None:
    """What was sent and comes back in a refusal."""
    sent = (case.body, case.query, case.path_parameters)
    words = {word for word in _words(sent) if len(word) >= TELLING} - set(_names(sent))
    told = (text, json.dumps(text))
    return next((word for word in words if any(word in one for one in told)), None)


def _names(sent: Any) -> Iterator[str]:
    """The names of fields, which a pointer to what is wrong has to say."""
    match sent:
        case dict():
            yield from map(str, sent)
            for value in sent.values():
                yield from _names(value)
        case list() | tuple():
            for value in sent:
                yield from _names(value)


def _words(sent: Any) -> Iterator[str]:
    match sent:
        case str():
            yield sent
        case dict():
            for value in sent.values():
                yield from _words(value)
        case list() | tuple():
            for value in sent:
                yield from _words(value)
