"""Limits: how many connections a pool may take, and how long anything in it may last."""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Limits:
    """What one pool may do to its database; times are in seconds, and 0 is no limit.

    `name` is what PostgreSQL shows as application_name. SQLite knows no limit for statements and
    idle transactions.
    """

    name: str = "cri"
    size: int = 7  # which stay open: to open one again takes longer than what most do with it
    overflow: int = 0
    wait: float = 10.0  # for a connection, and on SQLite for the turn to write
    statement: float = 30.0
    lock: float = 10.0
    idle: float = 60.0  # within a transaction

    @property
    def most(self) -> int:
        """How many connections the pool takes when all are in use."""
        return self.size + self.overflow

    def halved(self) -> "Limits":
        """For a store beside the service's own database, which is asked less."""
        return replace(self, size=max(1, self.size // 2), overflow=self.overflow // 2)
