"""Logs must never stop what they tell of."""

import io
import json
from collections.abc import Iterator

import pytest
import structlog
from cri_shared.observe.logs import configure_logs


class FullDisk(io.StringIO):
    """A file that cannot be written for a while."""

    full = True

    def flush(self) -> None:
        if self.full:
            raise OSError(28, "No space left on device")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_a_log_on_a_full_disk_is_lost_and_nobody_fails_for_it() -> None:
    disk = FullDisk()
    configure_logs("intake", stream=disk)
    log = structlog.get_logger()
    log.warning("toy.full")
    log.error("toy.still_full")
    disk.full = False
    log.info("toy.room")
    assert json.loads(disk.getvalue().splitlines()[-1])["event"] == "toy.room"
