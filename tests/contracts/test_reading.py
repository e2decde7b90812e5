"""Release N and the one before it read each other, so services may be upgraded one at a time.

What was released is the schemas beside this file. What N writes must be valid there, and what is
valid there N must read. Samples are drawn: every field, with and without, and at its limits.
"""

import json
from typing import Annotated, Any, Literal

import jsonschema_rs
import pytest
from cri_shared.events import REGISTRY, Part
from cri_shared.events.shapes import shape_of
from hypothesis import given
from pydantic import BaseModel, Field, ValidationError, field_serializer, field_validator

from tests.contracts.drawing import drawn_from, same_dice
from tests.contracts.released import Schema, golden, must_fit, released

# A sample that fails is told in full: texts at their limit make it long.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")

# One event of each shape: those of several producers are written and read alike.
SUBJECTS = sorted({shape_of(event): subject for subject, event in REGISTRY.items()}.values())


def read_by_the_one_before(model: type[BaseModel], before: Schema) -> None:
    """Whatever this model may write is valid under the schema of the release before."""
    fits = must_fit(before)

    @same_dice
    @given(drawn_from(model.model_json_schema()))
    def every_sample(sample: Any) -> None:
        fits(json.loads(model.model_validate_json(json.dumps(sample)).model_dump_json()))

    every_sample()


def reads_the_one_before(model: type[BaseModel], before: Schema) -> None:
    """Whatever the release before could write, this model reads, and says the same of it."""

    @same_dice
    @given(drawn_from(before))
    def every_sample(sample: Any) -> None:
        again = json.loads(model.model_validate_json(json.dumps(sample)).model_dump_json())
        assert said_in(sample, again) == sample

    every_sample()


def said_in(sample: Any, again: Any) -> Any:
    """Of what was read, the fields that the sample has."""
    if isinstance(sample, dict) and isinstance(again, dict):
        return {name: said_in(one, again[name]) for name, one in sample.items() if name in again}
    if isinstance(sample, list) and isinstance(again, list) and len(sample) == len(again):
        return [said_in(one, other) for one, other in zip(sample, again, strict=True)]
    return again


@pytest.mark.parametrize("subject", SUBJECTS)
class TestEveryEvent:
    def test_what_it_writes_is_read_by_the_release_before(self, subject: str) -> None:
        read_by_the_one_before(REGISTRY[subject], released(subject))

    def test_it_reads_what_the_release_before_writes(self, subject: str) -> None:
        reads_the_one_before(REGISTRY[subject], released(subject))


@pytest.mark.parametrize("subject", sorted(REGISTRY))
def test_a_golden_event_fits_what_was_released(subject: str) -> None:
    must_fit(released(subject))(json.loads(golden(subject).read_text()))


class Before(Part):
    """A contract as it was released."""

    kind: Literal["visit", "phone"]
    label: Annotated[str, Field(min_length=1, max_length=10)]
    publisher: str | None = None


class Later(Before):
    """The same with a field more, as it may come in any release."""

    language: str | None = None


class OneKindMore(Before):
    kind: Literal["visit", "phone", "law"]  # type: ignore[assignment]


class LongerLabels(Before):
    label: Annotated[str, Field(min_length=1, max_length=11)]


class LabelsAtWill(Before):
    label: str | None = None  # type: ignore[assignment]


class LoudKinds(Before):
    """Nothing of this shows in its schema."""

    @field_serializer("kind")
    def _louder(self, kind: str) -> str:
        return kind.upper()


class ShorterLabels(Before):
    label: Annotated[str, Field(min_length=1, max_length=9)]


class PublishersNeeded(Before):
    publisher: str  # type: ignore[assignment]


class TidyLabels(Before):
    """Nothing of this shows in its schema."""

    @field_validator("label")
    @classmethod
    def _no_spaces(cls, label: str) -> str:
        if label != label.strip():
            raise ValueError("spaces at the ends")
        return label


class QuietLabels(Before):
    """Nothing of this shows in its schema."""

    @field_validator("label")
    @classmethod
    def _cut(cls, label: str) -> str:
        return label[:5] or label


class TestTheGuard:
    """It must be able to fail, in both directions."""

    BEFORE = Before.model_json_schema()

    @pytest.mark.parametrize("model", [Before, Later])
    def test_an_optional_field_may_come(self, model: type[Part]) -> None:
        read_by_the_one_before(model, self.BEFORE)
        reads_the_one_before(model, self.BEFORE)

    @pytest.mark.parametrize("model", [OneKindMore, LongerLabels, LabelsAtWill, LoudKinds])
    def test_what_the_release_before_would_not_read_is_found(self, model: type[Part]) -> None:
        with pytest.raises(jsonschema_rs.ValidationError):
            read_by_the_one_before(model, self.BEFORE)

    @pytest.mark.parametrize("model", [ShorterLabels, PublishersNeeded, TidyLabels])
    def test_what_is_no_longer_read_is_found(self, model: type[Part]) -> None:
        with pytest.raises(ValidationError):
            reads_the_one_before(model, self.BEFORE)

    def test_what_is_read_as_something_else_is_found(self) -> None:
        with pytest.raises(AssertionError):
            reads_the_one_before(QuietLabels, self.BEFORE)
