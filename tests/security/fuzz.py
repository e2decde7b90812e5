"""Fuzzing: what schemathesis draws from an OpenAPI document, sent to the service that serves it."""

import contextlib
import copy
import hashlib
import json
import secrets
import string
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import requests
import schemathesis
from cri_shared.web.headers import security_headers
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

CHECKS = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]
TELLING = 8  # letters of a word that nobody repeats by chance
EACH_DRAW = 3  # cases that a draw gives, more or less
ROUND = 30  # draws of an operation before the next one has its turn
MIXED = 3  # how many of those before it a case is mixed with
CONNECTIONS = 4

PLAUSIBLE = {"country": "AM", "language": "nl", "topics": ["health.medication"], "needed_by": None}
HEADERS = {name.decode() for name, _ in security_headers(())} | {"cache-control"}


@dataclass
class Fuzzed:
    """How many cases were answered, what came back, and what was wrong with it, each thing once."""

    cases: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    wrong: dict[str, str] = field(default_factory=dict)

    def answered(self, case: Case, answer: requests.Response, remarks: Iterable[str]) -> None:
        """One more case was answered; `remarks` say what is wrong, kept with their first case."""
        self.cases[case.operation.label] += 1
        self.statuses[answer.status_code] += 1
        for remark in remarks:
            shown = f"{case.as_curl_command()}\n{answer.text[:500]}"
            self.wrong.setdefault(f"{case.operation.label}: {remark}", shown)


def fuzz(url: str, known: dict[str, str], *, cases: int, start: int, **headers: str) -> Fuzzed:
    """Send so many cases to the API at an address, the same ones for the same `start`; fewer only
    where a round of draws gives none that was not sent.

    What is drawn is sent as it is, made plausible with what `known` holds (ids that there are, by
    the name of their parameter), and mixed with what was drawn before: drawing costs more than
    sending. Several connections send while the next cases are drawn.
    """
    found = Fuzzed()
    schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json")
    operations = [result.ok() for result in schema.get_all_operations()]
    draws = min(ROUND, -(-cases // (len(operations) * len(GenerationMode) * EACH_DRAW)))
    with Senders(found, headers) as senders:
        before = -1
        while before < senders.count < cases:
            before = senders.count
            for operation in operations:
                for mode in GenerationMode:
                    _draw(operation, mode, draws, start, known, senders)
            start += 1
    return found


class Senders:
    """Connections over which cases are sent and judged while others are drawn, each case once."""

    def __init__(self, found: Fuzzed, headers: Mapping[str, str]) -> None:
        self._found, self._headers = found, headers
        self._free = threading.BoundedSemaphore(2 * CONNECTIONS)
        self._one_notes = threading.Lock()
        self._own = threading.local()
        self._sent: set[bytes] = set()
        self._on_their_way: set[Future[None]] = set()

    def __enter__(self) -> "Senders":
        self._pool = ThreadPoolExecutor(CONNECTIONS, initializer=self._connect)
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()
        self._look(self._on_their_way)

    @property
    def count(self) -> int:
        """How many were sent, or are on their way."""
        return len(self._sent)

    def send(self, case: Case) -> None:
        """Send a case, unless the same was sent; waits where many are on their way."""
        parts = (case.path_parameters, dict(case.headers), case.cookies, case.query, case.body)
        told = repr((case.operation.label, parts, case.media_type)).encode("utf-8", "replace")
        mark = hashlib.blake2b(told, digest_size=16).digest()
        if mark in self._sent:
            return
        self._sent.add(mark)
        self._free.acquire()
        self._look({one for one in self._on_their_way if one.done()})
        self._on_their_way.add(self._pool.submit(self._judge, case))

    def _connect(self) -> None:
        self._own.session = requests.Session()
        self._own.session.trust_env = False
        self._own.session.headers.update(self._headers)

    def _judge(self, case: Case) -> None:
        try:
            answer = case.call(session=self._own.session)
            remarks = list(_remarks(case, answer, self._own.session))
        finally:
            self._free.release()
        with self._one_notes:
            self._found.answered(case, answer, remarks)

    def _look(self, done: set[Future[None]]) -> None:
        self._on_their_way = self._on_their_way - done
        for one in done:
            one.result()


def _draw(
    operation: Any,
    mode: GenerationMode,
    draws: int,
    start: int,
    known: dict[str, str],
    senders: Senders,
) -> None:
    before: deque[Case] = deque(maxlen=MIXED)

    @seed(start)
    @settings(
        max_examples=draws,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def one(case: Case) -> None:
        for variant in (case, *(_mixed(case, earlier) for earlier in before)):
            senders.send(variant)
            senders.send(_plausible(variant, known))
        before.append(case)

    with contextlib.suppress(Unsatisfiable):  # nothing can be wrong where nothing is sent
        one()


def _plausible(case: Case, known: dict[str, str]) -> Case:
    """The same with what exists where the document cannot say what does: it gets further."""
    plausible = _again(case)
    _make_plausible(plausible, known)
    return plausible


def _mixed(case: Case, earlier: Case) -> Case:
    """Every second part of a case in an earlier one."""
    mixed = _again(earlier)
    for name in ("path_parameters", "query", "body"):
        part, now = getattr(mixed, name), getattr(case, name)
        if isinstance(part, dict) and isinstance(now, dict):
            part.update(copy.deepcopy(dict(list(now.items())[::2])))
    return mixed


def _again(case: Case) -> Case:
    """The same case, to be changed."""
    parts = ("path_parameters", "headers", "cookies", "query")
    told = {part: copy.deepcopy(getattr(case, part)) for part in parts}
    body = copy.deepcopy(case.body) if isinstance(case.body, dict | list) else case.body
    return case.operation.Case(**told, body=body, method=case.method, media_type=case.media_type)


def _make_plausible(case: Case, known: dict[str, str]) -> None:
    """Put what exists where the document cannot say what does, so that a case gets further."""
    for name in case.path_parameters:
        case.path_parameters[name] = known.get(name, case.path_parameters[name])
    for told in (case.body, case.query):
        if isinstance(told, dict):
            told.update({name: value for name, value in PLAUSIBLE.items() if name in told})


def _remarks(case: Case, answer: requests.Response, session: requests.Session) -> Iterator[str]:
    """What is wrong with an answer."""
    if answer.status_code >= 500:
        yield f"status {answer.status_code}"
    try:
        case.validate_response(answer, CHECKS)
    except FailureGroup as failures:
        for failure in failures.exceptions:
            yield f"{type(failure).__name__}: {failure}"
    if missing := HEADERS - {name.lower() for name in answer.headers}:
        yield f"without {', '.join(sorted(missing))}"
    if answer.status_code >= 400 and (word := repeated(_sent(case), _text(answer))):
        # What is drawn may be a word of our own: then another one in its place does not come back.
        fresh = _again(case)
        for part in ("body", "query", "path_parameters"):
            setattr(fresh, part, _with(getattr(fresh, part), word, other := another(word)))
        if other in _text(fresh.call(session=session)):
            yield "repeats what was sent"


def _text(answer: requests.Response) -> str:
    return answer.content.decode("utf-8", "replace")


def _sent(case: Case) -> tuple[object, ...]:
    return (case.body, case.query, case.path_parameters)


def repeated(sent: object, text: str) -> str | None:
    """What was sent and comes back in a refusal."""
    words = {word for word in _words(sent) if len(word) >= TELLING} - set(_names(sent))
    told = (text, json.dumps(text))
    return next((word for word in words if any(word in one for one in told)), None)


def another(word: str) -> str:
    """A word of the same shape, which nobody says."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits)
    drawn = (next((secrets.choice(kind) for kind in kinds if one in kind), one) for one in word)
    return "".join(drawn)


def _with(sent: Any, word: str, other: str) -> Any:
    """The same with another word."""
    match sent:
        case str():
            return sent.replace(word, other)
        case dict():
            return {name: _with(value, word, other) for name, value in sent.items()}
        case list():
            return [_with(value, word, other) for value in sent]
    return sent


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
