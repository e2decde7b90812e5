"""Short questions that are asked all the time, such as at every search.

A connection of the pool, its transaction and SQLAlchemy's result take 0.4 ms of CPU for twenty
rows; SQLite itself takes 0.15. So on SQLite they are asked past all that, here and now.
"""

import sqlite3
from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from sqlalchemy import Select, make_url
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect

from cri_shared.db.sqlite import read_if_short

Rows = Sequence[Any]  # each of them a sequence, one value for each column


class Given:
    """Turns values by name into the parameters of a statement, as SQLAlchemy would by types."""

    def __init__(self, compiled: Any, dialect: Dialect) -> None:
        places: Sequence[str] = compiled.positiontup or ()  # a name may come several times
        kinds = [compiled.binds[name].type.dialect_impl(dialect) for name in places]
        processors = [kind.bind_processor(dialect) for kind in kinds]
        self._places = list(zip(places, processors, strict=True))

    def __call__(self, told: Mapping[str, Any]) -> list[Any]:
        return [told[name] if to is None else to(told[name]) for name, to in self._places]


class Glance:
    """A SELECT with one parameter, a list: `bindparam(values, expanding=True)`.

    Its columns are texts and numbers, which the driver gives as they are (a boolean as 0 or 1).
    """

    def __init__(self, statement: Select[*tuple[Any, ...]], values: str) -> None:
        self.statement = statement
        self.values = values
        self._written: dict[int, str] = {}

    def written(self, count: int) -> str:
        """Its SQL for SQLite and a list of so many."""
        known = self._written.get(count)
        if known is None:
            told = self.statement.params({self.values: range(count)})
            known = self._written[count] = str(
                told.compile(dialect=sqlite.dialect(), compile_kwargs={"render_postcompile": True})
            )
        return known


class Seek:
    """A SELECT whose parameters have one value each, of all types; its columns have names.

    It is asked and read as SQLAlchemy would, by the types of its parameters and columns.
    """

    def __init__(self, statement: Select[*tuple[Any, ...]]) -> None:
        self.statement = statement
        dialect = sqlite.dialect()
        compiled: Any = statement.compile(dialect=dialect)
        self.written = str(compiled)
        self._fixed = compiled.params
        self._given = Given(compiled, dialect)
        columns = statement.selected_columns
        self._read = [
            column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns
        ]
        row: Any = namedtuple("row", list(columns.keys()))  # type: ignore[misc]
        self._row: Callable[[Iterable[Any]], Any] = row._make

    def given(self, values: Mapping[str, Any]) -> list[Any]:
        """The parameters as the driver takes them."""
        return self._given({**self._fixed, **values})

    def read(self, rows: Rows) -> Rows:
        """Rows of the driver as SQLAlchemy gives them."""
        each = self._read
        return [
            self._row(
                value if to is None else to(value) for value, to in zip(row, each, strict=True)
            )
            for row in rows
        ]


class Glances:
    """Answers glances from a SQLite file, over a connection of its own that never writes."""

    def __init__(self, url: str) -> None:
        self._path = make_url(url).database or ""
        self._connection: sqlite3.Connection | None = None

    def read(self, glance: Glance, values: Sequence[Any]) -> Rows | None:
        """The rows; None where it takes too long here, or fails: the pool does it then, or tells.

        Each is a transaction of its own and sees what was committed before it.
        """
        return self._asked(glance.written(len(values)), values)

    def seek(self, seek: Seek, values: Mapping[str, Any]) -> Rows | None:
        """The same for parameters by name."""
        rows = self._asked(seek.written, seek.given(values))
        return None if rows is None else seek.read(rows)

    def _asked(self, text: str, values: Sequence[Any]) -> Rows | None:
        try:
            found = read_if_short(self._opened(), text, values)
        except sqlite3.Error:
            self.close()
            return None
        return found[0] if found else None

    def close(self) -> None:
        """Let go of the file; a later read opens it again."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            file = f"file:{quote(self._path)}?mode=rw"  # never makes one
            self._connection = sqlite3.connect(file, uri=True, timeout=0, check_same_thread=False)
            self._connection.execute("PRAGMA query_only=ON")
        return self._connection
