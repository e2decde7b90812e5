"""A form is taken from a page of its own session, and from nowhere else."""

from pathlib import Path

import pytest
from cri_shared.events import SERVICES

from tests.security.forgeries import FORGERIES, OTHER_METHODS
from tests.security.suites import forgeries


@pytest.mark.parametrize("service", SERVICES)
@pytest.mark.timeout(120)
async def test_no_forged_form_is_taken_and_none_changes_anything(
    service: str, tmp_path: Path
) -> None:
    tried = await forgeries.tried(service, tmp_path)
    assert tried.wrong == []
    each = len(FORGERIES) + len(OTHER_METHODS)
    assert len(tried.honest) >= 4
    assert len(tried.cells) >= each * len(tried.honest)
