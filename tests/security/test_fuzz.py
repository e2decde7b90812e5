"""An API keeps to its own description, whatever it is sent; the long run is in `make security`."""

import pytest

from tests.playing import PlayedDemo
from tests.security.fuzz import OFFERING
from tests.security.suites.fuzz import fuzzed

pytestmark = [pytest.mark.journey, pytest.mark.nats]
CASES = 240


@pytest.mark.parametrize("service", OFFERING)
def test_what_an_api_describes_is_what_it_does(service: str, played_demo: PlayedDemo) -> None:
    found = fuzzed(played_demo.var, service, CASES, start=1)
    assert found.wrong == {}
    assert found.cases.total() >= CASES / 2
    assert {200, 404, 422} <= found.statuses.keys()
