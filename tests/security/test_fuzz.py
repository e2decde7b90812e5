"""An API keeps to its own description, whatever it is sent; the long run is in `make security`."""

import pytest

from tests.playing import PlayedDemo
from tests.security.suites.fuzz import CASES, fuzzed, offering

pytestmark = [pytest.mark.journey, pytest.mark.nats]
FEW = 240


def test_every_api_is_fuzzed(played_demo: PlayedDemo) -> None:
    assert offering(played_demo.var) == CASES.keys()


@pytest.mark.parametrize("service", CASES)
def test_what_an_api_describes_is_what_it_does(service: str, played_demo: PlayedDemo) -> None:
    found = fuzzed(played_demo.var, service, FEW, start=1)
    assert found.wrong == {}
    assert found.cases.total() >= FEW
    assert {200, 404, 422} <= found.statuses.keys()
