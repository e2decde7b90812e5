"""Marks: how far a look at the chain found it whole, noted in the trail and signed by its key."""

import datetime as dt
import hmac
from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncSession

CHECKED = "audit.checked"  # what a look at the chain is noted as


class Mark(NamedTuple):
    """The last entry of a chain that was found whole; and when all of it was last gone along."""

    number: int
    mac: str
    whole_on: dt.date

    def signed(self, key: bytes) -> dict[str, Any]:
        """The mark as a fact of an entry: who can only write to the database cannot make one."""
        told = {"number": self.number, "mac": self.mac, "whole_on": self.whole_on.isoformat()}
        return {"mark": {**told, "signature": self._signature(key)}}

    def _signature(self, key: bytes) -> str:
        told = f"checked:{self.number}:{self.mac}:{self.whole_on.isoformat()}"
        return hmac.digest(key, told.encode(), "sha256").hex()

    @classmethod
    def read(cls, facts: Mapping[str, Any], key: bytes) -> "Mark | None":
        """What `signed` made of a mark; None for everything else."""
        try:
            told = facts["mark"]
            day = dt.date.fromisoformat(told["whole_on"])
            mark = cls(int(told["number"]), str(told["mac"]), day)
            genuine = hmac.compare_digest(mark._signature(key), told["signature"])
        except (KeyError, TypeError, ValueError):
            return None
        return mark if genuine else None


async def newest_mark(session: AsyncSession, audit: Table, key: bytes) -> Mark | None:
    """The mark of the newest look at the chain; None where that found something wrong."""
    looks = select(audit.c.facts).where(audit.c.action == CHECKED).order_by(audit.c.id.desc())
    facts = (await session.execute(looks.limit(1))).scalar()
    return None if facts is None else Mark.read(facts, key)
