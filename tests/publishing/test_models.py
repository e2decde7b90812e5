"""The life of a version and of an entry: each step begins where it may and nowhere else."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from cri_publishing.models import (
    AuthorMayNotApprove,
    DraftChanged,
    Entry,
    EntryStatus,
    NothingPublished,
    OtherApproverNamed,
    RefreshState,
    Version,
    VersionState,
    WithdrawalReason,
    WrongStep,
)
from cri_publishing.rules.draft import Draft, Text
from cri_shared import clock
from cri_shared.errors import Refusal
from cri_shared.identity.staff import Staff
from hypothesis import given
from hypothesis import strategies as st

CHECKED = dt.date(2026, 11, 10)
DRAFT = Draft("AM", ("health.medication",), "found", CHECKED, (Text("en", "Q", "A"),))


def person(name: str) -> Staff:
    return Staff(
        name, name, f"{name}@staff.example", frozenset({"editor"}), "en", "csrf", "s", clock.now()
    )


LEEN, KARIM, SOFIE = person("Leen"), person("Karim"), person("Sofie")


def version_in(state: str, **more: Any) -> Version:
    now = clock.now()
    return Version(entry_id="e", number=1, state=state, key_id="k", edition=1, authors=["Leen"],
                   embargo_days=0, started_at=now, changed_at=now, **more)  # fmt: skip


STEPS: dict[str, Callable[[Version], None]] = {
    "write": lambda v: v.write(DRAFT, b"sealed", by=LEEN),
    "submit": lambda v: v.submit(by=LEEN, approver=None, reason=None),
    "send_back": lambda v: v.send_back(),
    "approve": lambda v: v.approve(KARIM, v.edition),
    "take_back": lambda v: v.take_back(),
    "end_embargo": lambda v: v.end_embargo(),
    "publish": lambda v: v.publish({"public": True}),
}
ALLOWED = {
    ("draft", "write"): "draft",
    ("draft", "submit"): "in_review",
    ("in_review", "send_back"): "draft",
    ("in_review", "approve"): "scheduled",
    ("in_review", "take_back"): "draft",
    ("scheduled", "take_back"): "draft",
    ("scheduled", "end_embargo"): "scheduled",
    ("scheduled", "publish"): "published",
}


@pytest.mark.parametrize("state", list(VersionState))
@pytest.mark.parametrize("step", list(STEPS))
def test_each_step_of_a_version_begins_where_it_may(state: str, step: str) -> None:
    version = version_in(state)
    if (state, step) in ALLOWED:
        STEPS[step](version)
        assert version.state == ALLOWED[state, step]
    else:
        with pytest.raises(WrongStep):
            STEPS[step](version)
        assert version.state == state


@given(st.lists(st.tuples(st.sampled_from(list(STEPS)), st.sampled_from([LEEN, KARIM, SOFIE]))))
def test_whatever_is_clicked_a_public_text_has_two_people(clicks: list[tuple[str, Staff]]) -> None:
    version = version_in(VersionState.DRAFT)
    for step, staff in clicks:
        by = {
            "write": lambda v, s=staff: v.write(DRAFT, b"sealed", by=s),
            "submit": lambda v, s=staff: v.submit(by=s, approver=None, reason=None),
            "approve": lambda v, s=staff: v.approve(s, v.edition),
        }
        try:
            by.get(step, STEPS[step])(version)
        except Refusal:
            continue
    if version.state in (VersionState.SCHEDULED, VersionState.PUBLISHED):
        assert version.approved_by_id is not None
        assert version.approved_by_id not in version.authors
    else:
        assert version.approved_by_id is None
    assert (version.content is not None) == (version.state == VersionState.PUBLISHED)


def test_an_author_may_not_approve_and_a_named_person_alone_may() -> None:
    with pytest.raises(AuthorMayNotApprove):
        version_in("in_review").approve(LEEN, 1)
    named = version_in("in_review", named_approver_id="Sofie")
    with pytest.raises(OtherApproverNamed):
        named.approve(KARIM, named.edition)
    named.approve(SOFIE, named.edition)
    assert named.approved_by == "Sofie"


def test_a_form_of_an_older_edition_is_refused() -> None:
    version = version_in("draft")
    version.check_edition(1)
    version.write(DRAFT, b"sealed", by=KARIM)
    with pytest.raises(DraftChanged):
        version.check_edition(1)


def entry_in(status: str) -> Entry:
    now = clock.now()
    return Entry(entry_id="e", status=status, version=1, turn=1, country="AM",
                 topics=["health.medication"], information_date=CHECKED, refresh_state="none",
                 created_at=now, changed_at=now)  # fmt: skip


@pytest.mark.parametrize("status", list(EntryStatus))
def test_only_what_readers_saw_is_withdrawn_and_only_what_they_find_is_archived(
    status: str,
) -> None:
    may = {"published", "due"}
    for step, allowed in (("archive", may), ("withdraw", may | {"archived"})):
        entry = entry_in(status)
        call = (
            entry.archive
            if step == "archive"
            else lambda e=entry: e.withdraw(WithdrawalReason.HARM)
        )
        if status in allowed:
            call()
            assert not entry.is_public
            assert entry.wake_on is None
        else:
            with pytest.raises(NothingPublished):
                call()
            assert entry.status == status


def test_news_of_an_older_refresh_changes_nothing() -> None:
    entry = entry_in("published")
    entry.ask_again("newer")
    assert not entry.refresh_ended("older", answered=False)
    assert entry.refresh_state == RefreshState.ASKED
    assert entry.refresh_ended("newer", answered=True)
    assert not entry.refresh_ended("newer", answered=False), "an answer is not undone"
