"""Certificates for tests: an authority of one's own, and what it signs, right or wrong."""

import datetime as dt
from pathlib import Path

from cri_shared import clock
from cri_shared.bus.authority import Authority as Signing
from cri_shared.bus.authority import Certificate

DAY = dt.timedelta(days=1)


class Authority:
    """Signs certificates that are good for a day, or over; who trusts `bundle` trusts them all."""

    def __init__(self, directory: Path, name: str = "An authority for tests") -> None:
        self._signing = Signing.create(directory, name, DAY)
        self.bundle = self._signing.bundle

    def issue(self, *hosts: str, expired: bool = False) -> Certificate:
        """A certificate for addresses and host names of a server."""
        until = clock.now() + (-DAY if expired else DAY)
        stem = f"{hosts[0]}{'-expired' if expired else ''}"
        return self._signing.issue(*hosts, until=until, stem=stem)
