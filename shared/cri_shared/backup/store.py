"""A database that is backed up: what each kind of it can do for that."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar


class State(Enum):
    """How a database is found that is to be replaced."""

    EMPTY = "empty"
    FILLED = "filled"
    LIVE = "live"  # somebody works with it


@dataclass(frozen=True)
class Snapshot:
    """A database as of one moment: version of its software, revision, rows of each table, bytes."""

    server: str
    revision: str | None
    rows: dict[str, int]
    pieces: Iterator[bytes]


class Loading(ABC):
    """A database on its way back."""

    @abstractmethod
    def take(self, part: bytes) -> None:
        """The next bytes, in their order."""

    @abstractmethod
    def put(self) -> None:
        """Let it take its place, if it has the rows it should have; raises `BackupFailed`."""


class Store(ABC):
    """One database of one kind; its name is for people, without a password."""

    kind: ClassVar[str]

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """What is in it at one moment; raises `BackupRefused`, `BackupFailed`."""

    @abstractmethod
    def state(self) -> State:
        """How it is; raises `BackupFailed` where it does not answer."""

    @abstractmethod
    def loading(self, rows: Mapping[str, int]) -> AbstractContextManager[Loading]:
        """Take the bytes of a snapshot with these rows; what is there stays until `put`."""
