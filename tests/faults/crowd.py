"""Who works in a run: an organisation that posts questions, and officers who release them."""

import asyncio
import math
from collections import Counter
from dataclasses import dataclass, field

from tests.faults.house import House
from tests.faults.people import Browser, add_partner, post_question, release

OFFICERS = 3
PER_PARTNER = 40


@dataclass
class Crowd:
    """An organisation and officers with browsers of their own; `released` in their order."""

    house: House
    poster: Browser
    officers: list[Browser]
    replayed: int = 0
    released: list[str] = field(default_factory=list)

    @classmethod
    async def gather(cls, house: House, questions: int) -> "Crowd":
        """Sign officers in, and register partners with room for so many questions."""
        coordinator = await house.staff("research", "coordinator", "coordinator")
        for number in range(math.ceil(questions / PER_PARTNER)):
            await add_partner(coordinator, number)
        await coordinator.close()
        officers = [await house.staff("intake", "officer", f"officer{n}") for n in range(OFFICERS)]
        poster = Browser([one.url for one in house.services["intake"]])
        return cls(house, poster, officers)

    async def post(self) -> str:
        """Post the next question; gives its id."""
        number = next(self.house.numbers)
        question_id, again = await post_question(self.poster, self.house.key, number)
        self.replayed += again
        self.house.posted.append(question_id)
        return question_id

    async def release(self, question_id: str, *, by: int = 0) -> None:
        """Let an officer release a question."""
        await release(self.officers[by], question_id)
        self.released.append(question_id)

    async def ask(self, questions: int = 1) -> None:
        """Post and release some questions, one after the other."""
        for _ in range(questions):
            await self.release(await self.post())

    async def work(self, questions: int, rate: float) -> None:
        """Post questions at a rate and release each."""
        waiting: asyncio.Queue[str] = asyncio.Queue()

        async def post(number: int) -> None:
            await asyncio.sleep(number / rate)
            waiting.put_nowait(await self.post())

        async def officer(number: int) -> None:
            while True:
                await self.release(await waiting.get(), by=number)
                waiting.task_done()

        async with asyncio.TaskGroup() as everybody:
            working = [everybody.create_task(officer(one)) for one in range(len(self.officers))]
            await asyncio.gather(*(post(number) for number in range(questions)))
            await waiting.join()
            for one in working:
                one.cancel()

    @property
    def tries_in_vain(self) -> Counter[str]:
        """How often nobody answered, by what happened."""
        return sum((one.tries for one in (self.poster, *self.officers)), Counter[str]())

    async def leave(self) -> None:
        """Close every browser."""
        for one in (self.poster, *self.officers):
            await one.close()
