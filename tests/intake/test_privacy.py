"""Nothing that left intake names who asked, and only officers come in."""

from cri_intake.models import Base
from cri_shared.events import REGISTRY
from cri_shared.privacy.classes import C3, C4, K
from cri_shared.privacy.fieldwalk import classes_of


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
