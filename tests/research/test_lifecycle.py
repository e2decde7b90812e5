"""Whatever order things happen in, a question and its assignments agree with each other."""

import datetime as dt

import pytest
from cri_research.models import (
    Assignment,
    AssignmentIsClosed,
    NotAnsweredYet,
    Question,
    QuestionIsClosed,
)
from cri_research.models.questions import PartnerCannotTakeIt
from cri_research.rules.deadlines import REMINDERS
from cri_research.rules.states import LIVE, OPEN, WORKABLE, Status, Step
from cri_shared import clock
from cri_shared.errors import Refusal
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

START = dt.datetime(2026, 3, 2, 10, tzinfo=dt.UTC)
PARTNERS = ("p1", "p2", "p3")
partners = st.sampled_from(PARTNERS)


class Lifecycle(RuleBasedStateMachine):
    """One question, three partners, a coordinator, a desk and a clock."""

    @initialize()
    def begin(self) -> None:
        self.now = START
        with clock.frozen(self.now):
            self.question = Question(
                research_id="r",
                status=Status.NEW,
                version=1,
                received_at=self.now,
                needed_by=self.now.date() + dt.timedelta(days=20),
                assignments=[],
            )
            self.question.reckon()
        self.declined: set[str] = set()
        self.told_overdue: dict[int, int] = {}
        self.reminders: dict[tuple[int, dt.date], int] = {}

    def do(self, act: object) -> bool:
        """Do one thing at the present moment; whether it was not refused."""
        with clock.frozen(self.now):
            try:
                act()  # type: ignore[operator]
            except Refusal:
                return False
        return True

    def held(self, partner: str) -> Assignment | None:
        mine = [a for a in self.question.assignments if a.partner_id == partner]
        return mine[-1] if mine else None

    @rule(partner=partners, days=st.integers(1, 30))
    def dispatch(self, partner: str, days: int) -> None:
        due = self.now.date() + dt.timedelta(days=days)
        before = self.held(partner)
        done = self.do(lambda: self.question.dispatch(partner, due, country="CD", by="person"))
        if partner in self.declined or (before and before.status in LIVE):
            assert not done

    @rule(partner=partners)
    def accept(self, partner: str) -> None:
        if one := self.held(partner):
            assert self.do(one.accept) == (one.status in OPEN)

    @rule(partner=partners)
    def decline(self, partner: str) -> None:
        one = self.held(partner)
        if one and self.do(lambda: one.decline("other")):
            self.declined.add(partner)
            assert self.question.consider_at is not None

    @rule(partner=partners)
    def answer(self, partner: str) -> None:
        if one := self.held(partner):
            self.do(one.answer)

    @rule(partner=partners)
    def ask_back(self, partner: str) -> None:
        if one := self.held(partner):
            self.do(one.ask_back)

    @rule(partner=partners)
    def reply(self, partner: str) -> None:
        if one := self.held(partner):
            self.do(one.hear_reply)

    @rule(partner=partners, days=st.integers(1, 20))
    def move(self, partner: str, days: int) -> None:
        if one := self.held(partner):
            due = self.now.date() + dt.timedelta(days=days)
            self.do(lambda: one.move(due))

    @rule(partner=partners, days=st.integers(1, 20))
    def send_back(self, partner: str, days: int) -> None:
        if one := self.held(partner):
            due = self.now.date() + dt.timedelta(days=days)
            self.do(lambda: one.send_back(due))

    @rule(partner=partners)
    def cancel(self, partner: str) -> None:
        if one := self.held(partner):
            self.do(lambda: one.cancel("reassigned"))

    @rule(partner=partners)
    def approve(self, partner: str) -> None:
        one = self.held(partner)
        if one and self.question.is_workable and one.status == Step.ANSWERED:
            assert self.do(lambda: self.question.approve([one]))
            assert self.question.status == Status.APPROVED

    @rule(why=st.sampled_from(["give_up", "return_to_desk", "withdraw"]))
    def end(self, why: str) -> None:
        match why:
            case "give_up":
                self.do(lambda: self.question.give_up("expired"))
            case "return_to_desk":
                self.do(lambda: self.question.return_to_desk("unclear"))
            case _:
                self.do(self.question.withdraw)

    @rule()
    def reopen(self) -> None:
        self.do(self.question.reopen)
        if self.question.status == Status.RETURNED:
            self.do(self.question.clear_again)

    @rule(days=st.integers(1, 25))
    def time_passes(self, days: int) -> None:
        self.now += dt.timedelta(days=days)

    @rule()
    def duties(self) -> None:
        with clock.frozen(self.now):
            for number, one in enumerate(self.question.assignments):
                nudges = one.nudges()
                for nudge in nudges:
                    if nudge == "overdue":
                        self.told_overdue[number] = self.told_overdue.get(number, 0) + 1
                    if nudge in REMINDERS:
                        key = (number, one.due_on)
                        self.reminders[key] = self.reminders.get(key, 0) + 1
                one.nudged(nudges)
                assert one.nudges() == []

    @invariant()
    def the_status_follows_from_the_assignments(self) -> None:
        question = self.question
        steps = {a.status for a in question.assignments}
        if question.status not in WORKABLE:
            assert not steps & LIVE
        elif Step.ANSWERED in steps:
            assert question.status == Status.TO_REVIEW
        elif steps & OPEN:
            assert question.status in (Status.WITH_PARTNER, Status.ASKED_BACK)
        else:
            assert question.status == Status.NEW

    @invariant()
    def what_ended_has_nothing_left_to_do(self) -> None:
        for one in self.question.assignments:
            if one.status not in OPEN:
                assert one.next_on is None
                assert one.waiting_since is None

    @invariant()
    def the_board_knows_what_is_due_first_and_what_is_late(self) -> None:
        question = self.question
        held = [a for a in question.assignments if a.status in OPEN]
        assert question.due_on == min((a.due_on for a in held), default=question.needed_by)
        assert question.owed_by is None or question.is_workable
        with clock.frozen(self.now):
            late = question.owed_by is not None and question.owed_by < clock.today()
            assert late == any(a.is_overdue for a in held)

    @invariant()
    def nobody_holds_a_question_twice(self) -> None:
        live = [a.partner_id for a in self.question.assignments if a.status in LIVE]
        assert len(live) == len(set(live))

    @invariant()
    def nothing_is_told_or_sent_twice(self) -> None:
        assert all(times == 1 for times in self.told_overdue.values())
        assert all(times <= len(REMINDERS) for times in self.reminders.values())


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


class TestRefusals:
    """What each closed state says no to."""

    def sent(self) -> tuple[Question, Assignment]:
        question = Question(research_id="r", status=Status.NEW, version=1, assignments=[])
        due = clock.today() + dt.timedelta(days=9)
        return question, question.dispatch("p", due, country="CD", by="person")

    def test_a_declined_assignment_takes_nothing_more(self) -> None:
        question, one = self.sent()
        one.decline("other")
        for act in (one.accept, one.answer, one.ask_back, lambda: one.decline("other")):
            with pytest.raises(AssignmentIsClosed):
                act()
        with pytest.raises(PartnerCannotTakeIt):
            question.dispatch("p", one.due_on, country="CD", by="person")

    def test_only_an_answer_can_be_approved_or_returned(self) -> None:
        question, one = self.sent()
        with pytest.raises(NotAnsweredYet):
            question.approve([one])
        with pytest.raises(NotAnsweredYet):
            one.send_back(one.due_on)

    def test_a_closed_question_takes_nothing_more(self) -> None:
        question, one = self.sent()
        one.answer()
        question.approve([one])
        for act in (
            lambda: question.dispatch("q", one.due_on, country="CD", by="person"),
            lambda: question.give_up("expired"),
            lambda: question.return_to_desk("unclear"),
            lambda: question.approve([one]),
            question.reopen,
        ):
            with pytest.raises(QuestionIsClosed):
                act()  # type: ignore[no-untyped-call]
        question.withdraw()
        assert question.status == Status.APPROVED
