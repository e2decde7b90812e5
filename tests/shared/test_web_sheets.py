"""Lists to take along: what is public or internal, as a spreadsheet reads it, and nothing else."""

import csv
import datetime as dt
import io
from dataclasses import make_dataclass
from pathlib import Path
from typing import Annotated

import pytest
from cri_shared.db import UtcDateTime
from cri_shared.privacy.classes import C0, C1, C2, KeyOf
from cri_shared.web.sheets import ColumnRestricted, Lines, Sheet
from sqlalchemy import JSON, LargeBinary, String, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from starlette.requests import Request


class Base(DeclarativeBase):
    """Tables of this test alone."""


class Thing(Base):
    """Something with a public name, and words that nobody may take along."""

    __tablename__ = "things"
    name: Mapped[str] = mapped_column(String(40), primary_key=True, info=C0.info)
    topics: Mapped[list[str]] = mapped_column(JSON, info=C1.info)
    seen_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    words: Mapped[bytes] = mapped_column(LargeBinary, info=C2.sealed(KeyOf.SERVICE))
    unsaid: Mapped[str] = mapped_column(String(4), default="")


@pytest.mark.parametrize("column", [Thing.words, Thing.unsaid], ids=["restricted", "no class"])
def test_no_sheet_can_be_made_with_a_column_that_may_not_leave(column: object) -> None:
    with pytest.raises(ColumnRestricted):
        Sheet(Thing.name, column)  # type: ignore[arg-type]


@pytest.mark.parametrize("hint", [Annotated[str, C2], str], ids=["restricted", "no class"])
def test_no_lines_can_be_made_with_a_field_that_may_not_leave(hint: object) -> None:
    kind = make_dataclass("Line", [("name", Annotated[str, C0]), ("words", hint)])
    with pytest.raises(ColumnRestricted, match="words"):
        Lines(kind)


async def test_formulas_are_texts_times_are_belgian_and_nothing_else_is_read(
    tmp_path: Path,
) -> None:
    engine = create_async_engine(f"sqlite+aiosqlite:///{tmp_path}/things.db")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    at = dt.datetime(2026, 7, 1, 22, 30, tzinfo=dt.UTC)
    async with AsyncSession(engine) as session, session.begin():
        session.add(Thing(name="=1+1", topics=["a.b", "c.d"], seen_at=at, words=b"secret"))
    request = Request({"type": "http", "path": "/console/things.csv", "headers": []})
    sheet = Sheet(Thing.name, Thing.topics, Thing.seen_at)
    async with AsyncSession(engine) as session:
        answer = await sheet.answer(request, session, select(Thing))
    await engine.dispose()
    lines = list(csv.reader(io.StringIO(bytes(answer.body).decode("utf-8-sig"))))
    assert lines == [["name", "topics", "seen_at"], ["'=1+1", "a.b c.d", "2026-07-02 00:30"]]
    assert 'filename="things-' in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
