"""Views and their counts hold what is there and nothing else, whatever happened in any order."""

import datetime as dt
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from cri_publishing.actions import changes, editing, ending, hours, links, review
from cri_publishing.actions.changes import Changed
from cri_publishing.actions.review import Marks, Proposal
from cri_publishing.desk import open_draft, under_way
from cri_publishing.models import (
    ChangeKind,
    Entry,
    InView,
    Link,
    PaceCount,
    Question,
    Version,
    ViewCount,
    WithdrawalReason,
)
from cri_publishing.queries import coverage, lists
from cri_publishing.queries.links import counts as counts_of_links
from cri_publishing.queries.sieve import Sieve
from cri_shared import clock
from cri_shared.db import Work
from cri_shared.errors import Refusal
from cri_shared.events.intake import QuestionErased
from cri_shared.identity.staff import Staff
from sqlalchemy import select

from tests.publishing.conftest import TODAY, Publishing, approved
from tests.publishing.test_links import citing

COUNTRIES = ("AM", "GE")
TOPICS = ("health.medication", "health.mental", "housing.rent", "education.school")
STEPS = 90
Standing = set[tuple[str, str, str, str, dt.datetime]]  # view, topic or group, country, thing, at
NO_ORDER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
UNDER_WAY = {"draft": "draft", "in_review": "review", "scheduled": "scheduled"}


class Life:
    """Editors, partners, askers and time do something, with dice."""

    def __init__(self, desk: Publishing, dice: random.Random, people: list[Staff]) -> None:
        self.desk, self.dice, self.people = desk, dice, people
        self.did: Counter[str] = Counter()
        self.day = 0

    async def step(self) -> None:
        """One thing; most of them are refused now and then, which changes nothing."""
        acts: dict[str, tuple[int, Callable[[], Awaitable[None]]]] = {
            "answer": (6, self.answer),
            "erased": (1, self.erased),
            "days": (2, self.days),
            "visited": (4, self.visited),
            "undone": (2, self.undone),
            **{act.__name__: (often, partial(self.edited, act)) for act, often in _ACTS.items()},
        }
        names, weights = list(acts), [often for often, _ in acts.values()]
        (name,) = self.dice.choices(names, weights)
        with suppress(Refusal), clock.frozen(TODAY + dt.timedelta(days=self.day)):
            await acts[name][1]()
            self.did[name] += 1

    async def answer(self) -> None:
        """Research approved an answer; some are never published."""
        today = clock.today()
        topics = self.dice.sample(TOPICS, self.dice.randrange(1, 4))
        found = {"sources": citing(f"https://example.org/{self.dice.randrange(5)}")}
        await self.desk.hear(
            approved(
                **found,
                country=self.dice.choice(COUNTRIES),
                region=None,
                topics=topics,
                publishable=self.dice.random() < 0.8,
                information_date=today - dt.timedelta(days=self.dice.randrange(20)),
                approved_on=today - dt.timedelta(days=self.dice.randrange(9)),
            )
        )

    async def erased(self) -> None:
        """The last asker erases a question."""
        if (one := await self.any(Question)) is not None:
            await self.desk.hear(QuestionErased(research_id=one.research_id))

    async def days(self) -> None:
        """Days go by, and what is due happens."""
        self.day += self.dice.randrange(1, 30)
        with clock.frozen(TODAY + dt.timedelta(days=self.day)):
            for duty in (hours.publish_ripe, hours.tend):
                async with self.desk.rig.service.database.writing() as work:
                    await duty(work, self.desk.rig)

    async def visited(self) -> None:
        """A cited page answered, or did not; or an editor leaves it as it is."""
        link = await self.any(Link)
        if link is None:
            return
        async with self.desk.rig.service.database.writing() as work:
            known = await work.session.get(Link, link.link_id)
            assert known is not None
            match self.dice.randrange(3):
                case 0:
                    known.answered(200, self.dice.choice("ab"), dt.timedelta(days=7))
                case 1:
                    known.failed(404, None, dt.timedelta(days=7))
                case _:
                    await links.leave_so(work, link.link_id, self.people[0])

    async def undone(self) -> None:
        """Something is done and taken back, and now and then the whole transaction with it."""
        one = await self.any(Entry)
        if one is None:
            return
        with suppress(InterruptedError):
            async with self.desk.rig.service.database.writing() as work:
                with suppress(InterruptedError):
                    async with work.session.begin_nested():
                        await _withdraw(work, self, one)
                        await work.session.flush()
                        raise InterruptedError
                if self.dice.random() < 0.5:
                    await _revise(work, self, one)
                    await work.session.flush()
                    raise InterruptedError

    async def edited(self, act: Any) -> None:
        """An editor does something with an entry."""
        one = await self.any(Entry)
        if one is not None:
            async with self.desk.rig.service.database.writing() as work:
                await act(work, self, one)

    async def any(self, kind: Any) -> Any:
        """One of what there is; None where there is nothing."""
        async with self.desk.rig.service.database.reading() as session:
            every = list((await session.execute(select(kind))).scalars())
        every.sort(key=lambda one: str(getattr(one, "research_id", getattr(one, "changed_at", ""))))
        alive = [one for one in every if getattr(one, "status", "") not in ("closed", "withdrawn")]
        return self.dice.choice(alive) if alive else None


async def _submit(work: Work, life: Life, entry: Entry) -> None:
    version = await under_way(work.session, entry.entry_id)
    if version is not None:
        proposal = Proposal(version.edition, (), None, Marks(), ("x", "Sofie V."))
        await review.submit(work, life.desk.rig, entry.entry_id, proposal, by=life.people[0])
        version.named_approver_id = None


async def _approve(work: Work, life: Life, entry: Entry) -> None:
    version = await under_way(work.session, entry.entry_id)
    if version is not None:
        version.embargo_days = life.dice.choice((0, 0, 0, 5))
        await review.approve(work, life.desk.rig, entry.entry_id, version.edition, life.people[1])


async def _publish(work: Work, life: Life, entry: Entry) -> None:
    await _save(work, life, entry, information_date=clock.today(), change_note="Prices.")
    await _submit(work, life, entry)
    await _approve(work, life, entry)


async def _rewrite(work: Work, life: Life, entry: Entry) -> None:
    topics = tuple(life.dice.sample(TOPICS, 2))
    await _save(work, life, entry, country=life.dice.choice(COUNTRIES), topics=topics)


async def _save(work: Work, life: Life, entry: Entry, **changed: Any) -> None:
    rig, by = life.desk.rig, life.people[0]
    if (version := await under_way(work.session, entry.entry_id)) is not None:
        draft = replace(await open_draft(rig, version), **changed)
        await editing.save_draft(work, rig, entry.entry_id, draft, edition=version.edition, by=by)


async def _revise(work: Work, life: Life, entry: Entry) -> None:
    await editing.revise(work, life.desk.rig, entry.entry_id, life.people[0])


async def _take_back(work: Work, life: Life, entry: Entry) -> None:
    await review.take_back(work, entry.entry_id, life.people[0])


async def _discard(work: Work, life: Life, entry: Entry) -> None:
    await ending.discard(work, life.desk.rig, entry.entry_id, life.people[0])


async def _withdraw(work: Work, life: Life, entry: Entry) -> None:
    reason = WithdrawalReason.WRONG
    await ending.withdraw(work, life.desk.rig, entry.entry_id, reason, life.people[0])


async def _archive(work: Work, life: Life, entry: Entry) -> None:
    known = await work.session.get(Entry, entry.entry_id)
    assert known is not None
    await ending.archive(work, life.desk.rig, known, life.people[0])


async def _declare(work: Work, life: Life, entry: Entry) -> None:
    change_id = f"{life.dice.randrange(10**9):032d}"
    topics = tuple(entry.topics[:1])
    told = Changed(change_id, entry.country, topics, ChangeKind.LAW, "New law.", clock.today())
    await changes.declare(work, told, life.people[0])


_ACTS = {
    **{_submit: 1, _approve: 2, _publish: 8, _rewrite: 2, _revise: 3, _take_back: 1},
    **{_discard: 1, _withdraw: 1, _archive: 1, _declare: 1},
}


async def every(desk: Publishing, kind: Any) -> list[Any]:
    """All rows of a table."""
    async with desk.rig.service.database.reading() as session:
        return list((await session.execute(select(kind))).scalars())


async def expected(desk: Publishing, today: dt.date) -> Standing:
    """Where everything belongs, worked out of all there is."""
    found = [
        (one.status, one.country, one.topics, one.entry_id, _order(one))
        for one in await every(desk, Entry)
        if one.status in ("published", "due", "archived", "withdrawn")
    ]
    found += [
        ("soon", one.country, one.topics, one.entry_id, _order(one))
        for one in await every(desk, Entry)
        if one.status == "published" and one.review_by - dt.timedelta(days=30) <= today
    ]
    found += [
        (UNDER_WAY[one.state], one.country, one.topics, one.entry_id, _order(one))
        for one in await every(desk, Version)
        if one.state in UNDER_WAY
    ]
    found += [
        ("withheld", one.country, one.topics, one.research_id, one.changed_at)
        for one in await every(desk, Question)
        if one.state == "withheld"
    ]
    links = [
        (f"link-{'known' if one.known_on else one.state}", "", "", one.link_id, NO_ORDER)
        for one in await every(desk, Link)
    ]
    return {
        (view, code, country, thing, at)
        for view, country, topics, thing, at in found
        for code in ("", *topics, *(topic.split(".")[0] for topic in topics))
    } | {*links}


def _order(one: Any) -> dt.datetime:
    if isinstance(one, Version):
        day = one.embargo_until
        other = one.started_at
    else:
        day = one.review_by if one.status in ("published", "due") else None
        other = one.changed_at
    return dt.datetime.combine(day, dt.time(), dt.UTC) if day else other


async def check(desk: Publishing, today: dt.date) -> Standing:
    """Where everything stands, which is where it belongs; it is counted as it stands."""
    rows = await every(desk, InView)
    standing = {(one.view, one.code, one.country, one.item_id, one.at) for one in rows}
    assert standing == await expected(desk, today)
    counts = {(one.view, one.code, one.country): one.items for one in await every(desk, ViewCount)}
    assert min(counts.values(), default=0) >= 0
    assert +Counter(counts) == Counter(one[:3] for one in standing)
    approved_on = {one.research_id: one.approved_on for one in await every(desk, Question)}
    taken = Counter(
        (day.replace(day=1), one.number > 1, max((day - approved_on[one.answer_id]).days, 0))
        for one in await every(desk, Version)
        if one.published_at and one.answer_id
        for day in [clock.belgian(one.published_at).date()]
    )
    paces = await every(desk, PaceCount)
    assert Counter({(one.month, one.renewed, one.days): one.texts for one in paces}) == taken
    return standing


async def agrees(desk: Publishing, standing: Standing) -> None:
    """What pages show of it: their numbers, and which are the first in each list."""
    entries = {one.entry_id: one for one in await every(desk, Entry)}
    async with desk.rig.service.database.reading() as session:
        for country, topic in (("", ""), ("AM", ""), ("", "health"), ("GE", "housing.rent")):
            sieve = Sieve(country, topic)
            counts = await lists.counts(session, sieve)
            for view in lists.VIEWS:
                these = [
                    (at, thing)
                    for where, code, there, thing, at in standing
                    if (where, code) == (view, topic) and country in ("", there)
                ]
                assert counts[view] == len(these)
                if view == "withheld":
                    found, _ = await lists.withheld(session, None, sieve)
                    shown = [one.research_id for one in found]
                else:
                    rows, _ = await lists.page_of(session, desk.rig, view, None, sieve)
                    shown = [one.entry_id for one in rows]
                assert shown == [one for _, one in sorted(these, reverse=view == "withheld")]
        of_links = await counts_of_links(session)
        found_coverage = await coverage.coverage(session)
    assert sum(of_links.values()) == len({one[3] for one in standing if one[0][:5] == "link-"})
    public = [one for one in entries.values() if one.is_public]
    assert found_coverage.all.total == len(public)
    for (country, code), cell in found_coverage.cells.items():
        about = [
            one.information_date
            for one in public
            if one.country == country
            and any(f"{topic}.".startswith(f"{code}.") for topic in one.topics)
        ]
        assert (cell.total, cell.oldest) == (len(about), min(about, default=None)), code


@pytest.mark.parametrize("seed", range(2))
async def test_they_are_right_whatever_happened(on_each_database: Publishing, seed: int) -> None:
    desk = on_each_database
    people = [await desk.be(name) for name in ("Leen D.", "Karim B.")]
    life, views = Life(desk, random.Random(seed), people), Counter[str]()
    for _ in range(STEPS):
        await life.step()
        today = (TODAY + dt.timedelta(days=life.day)).date()
        standing = await check(desk, today)
        views.update({view for view, *_ in standing})
    await agrees(desk, standing)
    assert len(views) > 5, (views, life.did)
