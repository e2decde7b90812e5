"""A table says why and how long it is kept, and says nothing that makes no sense."""

import pytest
import sqlalchemy as sa
from cri_shared.privacy.keeping import Ground, Kept, kept, unkept


def test_a_table_without_a_promise_is_found() -> None:
    metadata = sa.MetaData()
    sa.Table("kept", metadata, **kept("why", Ground.NOBODY))
    sa.Table("forgotten", metadata)
    assert unkept(metadata) == ["forgotten"]


@pytest.mark.parametrize(
    "nonsense",
    [
        {"until": "after it came", "span": 3},
        {"until": "after it came", "duty": "forget"},
        {"span": 3, "duty": "forget"},
        {"then": "burnt"},
    ],
)
def test_a_span_has_a_duty_and_an_end_has_its_words(nonsense: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="needs"):
        Kept("why", Ground.NOBODY, **nonsense)  # type: ignore[arg-type]
