"""Every field of intake says how secret it is, and nothing that left names who asked."""

import pytest
from cri_intake.api.batch import Batch
from cri_intake.api.questions import NewMessage
from cri_intake.console import desk, phone, question, queue
from cri_intake.models import Base
from cri_intake.pages import ask, follow
from cri_intake.submission import QuestionForm, Submission
from cri_shared.events import REGISTRY
from cri_shared.privacy.classes import C3, C4, K
from cri_shared.privacy.fieldwalk import classes_of, unlabelled_columns, unlabelled_fields
from fastapi.routing import APIRoute
from pydantic import BaseModel

CONSOLE = (queue, phone, question, desk)
FORMS = (
    Batch,
    NewMessage,
    QuestionForm,
    Submission,
    ask.StartForm,
    follow.MessageForm,
    follow.RatingForm,
    follow.ReceiptForm,
    phone.PhoneForm,
    question.DeliverForm,
    question.LinkForm,
    question.MessageForm,
    question.ReferForm,
    question.RefuseForm,
    question.RevealForm,
    question.TriageForm,
    desk.ReleaseForm,
    desk.TextForm,
)


def test_every_column_has_a_class() -> None:
    assert unlabelled_columns(Base.metadata) == []


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_field_of_a_form_has_a_class(form: type[BaseModel]) -> None:
    assert unlabelled_fields(form) == []


def test_no_event_of_intake_may_carry_what_an_asker_wrote() -> None:
    own = [event for event in REGISTRY.values() if event.producer == "intake"]
    assert own
    for event in own:
        assert not classes_of(event) & {C3, C4, K}
        assert "question_id" not in event.model_fields


def test_only_the_releases_name_both_ids() -> None:
    both = [
        table.name
        for table in Base.metadata.sorted_tables
        if {"question_id", "research_id"} <= set(table.columns.keys())
    ]
    assert both == ["releases"]


def test_everything_restricted_lies_sealed_or_hashed() -> None:
    open_ones = [
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.info["class"] in ("C2", "C3")
        and not str(column.type).startswith("BLOB")
        and column.type.__class__.__name__ != "LargeBinary"
    ]
    assert open_ones == []


def test_the_console_asks_for_an_officer_at_every_door() -> None:
    doors = [route for part in CONSOLE for route in part.router.routes]
    assert len(doors) > 15
    for route in doors:
        assert isinstance(route, APIRoute)
        names = [d.call.__qualname__ for d in route.dependant.dependencies if d.call]
        assert [name for name in names if name.startswith("require.")], route.path
