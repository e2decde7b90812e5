"""The matrix of what is sent twice: what each is told, and that it happened as often as it says."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import httpx
from cri_shared import clock
from cri_shared.web.lanes import Lanes
from fastapi import FastAPI
from sqlalchemy import event

from tests.security.books import Books, books_of
from tests.security.matrices.doors import browser
from tests.security.matrices.once.sendings import (
    How,
    Operation,
    Sending,
    Told,
    Workplace,
    Written,
)

AT_ONCE = 5
MALFORMED = "no key!"
# What is counted or remembered of a request beside what it is for.
BESIDE = frozenset(
    {
        *("imports", "key_uses", "sessions", "asker_sessions", "idempotency_records"),
        *("audit_chain", "tallies"),
    }
)
SEALING = ("audit_heads", "outbox")  # of a day that went by meanwhile
ORPHANS = "wrapped_keys"  # made first; one whose owner was not written is swept up later


@dataclass(frozen=True)
class Cell:
    """One way of sending one thing: what was wanted, what came, and what is wrong with it."""

    route: str
    how: How
    wanted: Told
    statuses: tuple[int, ...]
    wrong: tuple[str, ...] = ()


async def cells(
    written: Written, place: Workplace, ways: Collection[How] = tuple(How)
) -> AsyncIterator[Cell]:
    """Every cell of one service, or those of some ways."""
    async with books_of(*place.apps) as books:
        effects = {
            operation.kind: await _effect(place, books, operation)
            for operation in written.OPERATIONS
        }
        for number, operation in enumerate(written.OPERATIONS):
            beside = written.OPERATIONS[number - 1]
            for how in operation.ways(beside):
                if how in ways:
                    yield await _Trial(place, books, operation, beside, effects).cell(how)


async def _effect(place: Workplace, books: Books, operation: Operation) -> Counter[str]:
    """How many rows one sending adds to each table."""
    sending = await place.sending(operation.kind)
    before = await books.counts()
    answer = await send(place.apps[0], operation, sending)
    assert answer.status_code == operation.good, (operation.route, answer.status_code, answer.text)
    return _added(before, await books.counts())


def _added(before: Counter[str], after: Counter[str]) -> Counter[str]:
    tables = {*before, *after} - BESIDE
    return Counter({t: after[t] - before[t] for t in tables if after[t] != before[t]})


class _Trial:
    """One operation in one way."""

    def __init__(
        self,
        place: Workplace,
        books: Books,
        operation: Operation,
        beside: Operation,
        effects: dict[str, Counter[str]],
    ) -> None:
        self._place, self._books, self._operation = place, books, operation
        self._beside, self._effects = beside, effects

    async def cell(self, how: How) -> Cell:
        """Send it, and see what was told and what happened."""
        sending = await self._place.sending(self._operation.kind)
        there = self._beside if how is How.ELSEWHERE else self._operation
        elsewhere = await self._place.sending(there.kind)
        before = await self._books.counts()
        answers = [answer async for answer in self._answers(how, sending, elsewhere)]
        added = _added(before, await self._books.counts())
        wanted = self._wanted(how)
        statuses = tuple(answer.status_code for answer in answers)
        told = tuple(sorted(statuses)) if how is How.AT_ONCE else statuses
        wrong = [
            *([f"answers {told}"] if told != wanted.statuses else []),
            *self._miscounted(how, wanted, added),
            *(["answers differ"] if wanted.alike and len({a.content for a in answers}) > 1 else []),
        ]
        return Cell(self._operation.route, how, wanted, statuses, tuple(wrong))

    def _wanted(self, how: How) -> Told:
        if how is How.ELSEWHERE and how not in self._operation.tells:
            return Told((self._operation.good, self._beside.good))
        return self._operation.wants(how)

    def _miscounted(self, how: How, wanted: Told, added: Counter[str]) -> Iterator[str]:
        once = self._effects[self._operation.kind]
        expected = Counter({table: count * wanted.times for table, count in once.items()})
        if how is How.ELSEWHERE and how not in self._operation.tells:
            expected += self._effects[self._beside.kind]
        if how is How.BROKEN:
            expected[ORPHANS] = added[ORPHANS]
        if how is How.LATE:
            expected |= Counter({table: added[table] for table in SEALING})
        if +expected != +added:  # what was kept long enough went meanwhile
            yield f"adds {dict(+added)} and not {dict(+expected)}"

    async def _answers(
        self, how: How, sending: Sending, elsewhere: Sending
    ) -> AsyncIterator[httpx.Response]:
        match how:
            case How.AT_ONCE:
                for answer in await asyncio.gather(
                    *(self._send(sending, number % 2) for number in range(AT_ONCE))
                ):
                    yield answer
            case How.WITHOUT:
                yield await self._send(replace(sending, key=""))
            case How.MALFORMED:
                yield await self._send(replace(sending, key=MALFORMED))
            case How.BROKEN:
                with unwritten(self._place.apps[0]):
                    yield await self._send(sending)
                yield await self._send(sending)
            case _:
                yield await self._send(sending)
                yield await self._second(how, sending, elsewhere)

    async def _second(self, how: How, sending: Sending, elsewhere: Sending) -> httpx.Response:
        match how:
            case How.CHANGED:
                return await self._send(replace(sending, says={**sending.says, **sending.changed}))
            case How.ANOTHERS:
                assert sending.other is not None
                return await self._send(replace(sending.other, key=sending.key))
            case How.ELSEWHERE:
                there = replace(elsewhere, key=sending.key)
                return await send(self._place.apps[0], self._beside, there)
            case How.LATE:
                with clock.frozen(clock.now() + self._operation.life):
                    await self._place.later(self._operation.kind)
                    return await self._send(sending)
        return await self._send(sending)

    async def _send(self, sending: Sending, process: int = 0) -> httpx.Response:
        return await send(self._place.apps[process], self._operation, sending)


async def send(app: FastAPI, operation: Operation, sending: Sending) -> httpx.Response:
    """Send it once, as a program or as a browser does."""
    app.state.lanes = Lanes()
    async with browser(app, sending.cookies) as client:
        if operation.by_header:
            key = {"Idempotency-Key": sending.key} if sending.key else {}
            headers = {**sending.headers, **key}
            return await client.post(sending.path, json=dict(sending.says), headers=headers)
        says = {**sending.says, "form_token": sending.key}
        return await client.post(sending.path, data=says)


@contextmanager
def unwritten(app: FastAPI) -> Iterator[None]:
    """What a service would write is not written, as when the disk or the power goes."""
    engine = app.state.service.database.engine.sync_engine

    def fail(_connection: object) -> None:
        raise RuntimeError("the power went")

    event.listen(engine, "commit", fail)
    try:
        yield
    finally:
        event.remove(engine, "commit", fail)


def doubled(cells: list[Cell]) -> Iterator[str]:
    """What was not as the tables say."""
    for cell in cells:
        for wrong in cell.wrong:
            yield f"{cell.route}, {cell.how}: {wrong} (wanted {cell.wanted})"
