"""What a platform in use shows to whoever watches: latencies, failures, lag, and memory."""

import asyncio
import re
import statistics
import time
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil
import requests

Why = Callable[[], Awaitable[str]]
MEGABYTE = 1 << 20
HOUR = 3600.0
LATE_SECONDS = 10.0  # for an event to leave
LONGEST = 200  # characters of a trouble
WARM_SHARE = 0.3  # of a run: what a process holds from then on is there to stay
_SURFACES = (  # what people call a page, by its path
    (r"/api/v1/questions$", "API: a question"),
    (r"/desk/release$", "release"),
    (r"/desk(/|$)", "desk"),
    (r"/console/questions(\?|$)", "queue or board"),
    (r"/console/questions/", "a question's page and steps"),
    (r"/partner/answer$", "partner answers"),
    (r"/partner", "partner's page"),
    (r"/approve$", "publish"),
    (r"/console/entries", "editor's pages"),
    (r"/console/", "other console pages"),
    (r"/sign-up", "sign-up for a workshop"),
    (r"/workshops", "programme of workshops"),
)
_SAMPLE = re.compile(r"^(cri_outbox_age_seconds|cri_events_lag)(?:\{[^}]*\})? (\S+)$", re.MULTILINE)


@dataclass
class Watch:
    """Milliseconds by service and surface, and what failed."""

    latencies: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    failures: Counter[str] = field(default_factory=Counter)

    def browser(self, client: httpx.AsyncClient, service: str) -> None:
        """Watch the answers that a browser of ours gets."""

        async def asked(request: httpx.Request) -> None:
            request.extensions["began"] = time.perf_counter()

        async def answered(response: httpx.Response) -> None:
            took = time.perf_counter() - response.request.extensions["began"]
            self.note(service, response.request.url.path, response.status_code, took)

        client.event_hooks = {"request": [asked], "response": [answered]}

    def session(self, session: requests.Session, service: str) -> None:
        """Watch the answers that somebody of the demo gets."""

        def answered(response: requests.Response, **_more: Any) -> None:
            path = response.request.path_url.partition("?")[0]
            self.note(service, path, response.status_code, response.elapsed.total_seconds())

        session.hooks["response"].append(answered)

    def note(self, service: str, path: str, status: int, seconds: float) -> None:
        """Remember an answer."""
        surface = next((name for shape, name in _SURFACES if re.search(shape, path)), "other")
        self.latencies[f"{service}: {surface}"].append(seconds * 1000)
        if status >= 500:
            self.failures[f"{service}: {surface}: {status}"] += 1


@dataclass
class Vitals:
    """What was seen of every process, every few seconds: MB by name, and the worst of the events.

    `processor` is seconds of a core that each took from the first look to the last. `age` is how
    long the oldest event waited in an outbox, `late` what was known of one that waited too long,
    `lag` how many events a service had still to take in.
    """

    at: list[float] = field(default_factory=list)
    memory: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    processor: dict[str, float] = field(default_factory=dict)
    age: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    late: dict[str, str] = field(default_factory=dict)
    lag: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))

    async def look(
        self, urls: Mapping[str, str], pids: Mapping[str, int], every: float, why: Mapping[str, Why]
    ) -> None:
        """Look until cancelled; `why` is asked about a service whose events wait too long."""
        began = time.perf_counter()
        watched = {name: psutil.Process(pid) for name, pid in pids.items()}
        at_first = {name: _processor(process) for name, process in watched.items()}
        async with httpx.AsyncClient(timeout=30) as client:
            while True:
                self.at.append(time.perf_counter() - began)
                for name, process in watched.items():
                    self.memory[name].append(process.memory_info().rss / MEGABYTE)
                    self.processor[name] = _processor(process) - at_first[name]
                told = await asyncio.gather(
                    *(client.get(f"{url}/metrics") for url in urls.values()), return_exceptions=True
                )
                for service, answer in zip(urls, told, strict=True):
                    if isinstance(answer, httpx.Response) and self.note(service, answer.text):
                        self.late[service] = await _told(why[service])
                await asyncio.sleep(every)

    def note(self, service: str, metrics: str) -> bool:
        """Remember metrics; whether an event of the service waits too long, longer than any yet."""
        before = max(self.age[service], LATE_SECONDS)
        for name, value in _SAMPLE.findall(metrics):
            kept = self.lag if name == "cri_events_lag" else self.age
            if value != "NaN":
                kept[service] = max(kept[service], float(value))
        return self.age[service] > before

    def shares(self) -> dict[str, float]:
        """What each process took of one core while it was looked at."""
        seconds = self.at[-1] if self.at else 0.0
        return {name: taken / seconds for name, taken in self.processor.items() if seconds}

    def per_hour(self, name: str) -> float:
        """By how many MB a process grew in an hour, had it gone on as after its warm-up."""
        return slope(self.at, self.memory[name]) * HOUR


async def _told(why: Why) -> str:
    try:
        return await why()
    except Exception as trouble:  # the edge of the look: what else there is to see is seen
        return f"nobody knows: {trouble!r:.{LONGEST}}"


def _processor(process: psutil.Process) -> float:
    """Seconds of a core that a process and what it began have taken."""
    return sum(sum(one.cpu_times()[:2]) for one in (process, *process.children(recursive=True)))


def slope(at: Sequence[float], values: Sequence[float]) -> float:
    """The slope of the line through what was seen after the warm-up, by least squares."""
    pairs = [(t, v) for t, v in zip(at, values, strict=False) if t >= WARM_SHARE * at[-1]]
    if len(pairs) < 2:
        return 0.0
    times, seen = zip(*pairs, strict=True)
    return statistics.linear_regression(times, seen).slope
