"""Obstacles: the code book with its history, who read which text, and what they marked in it."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import new_id
from cri_shared.errors import Refusal
from cri_shared.privacy.classes import C1, C2
from cri_shared.privacy.keeping import Ground, kept
from cri_shared.words import N_
from sqlalchemy import JSON, Date, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from cri_training.models.base import Base
from cri_training.rules.obstacles import State


class CodeRetired(Refusal):
    """A code that was merged or split is history."""

    slug = "code-retired"
    message = N_("This code was merged or split. It is not used any more.")


class TextTaken(Refusal):
    """Two people read a text, not three."""

    slug = "text-taken"
    message = N_("Two others read this text already. Take another one.")


class TextFinished(Refusal):
    """What somebody finished with stays as it is."""

    slug = "text-finished"
    message = N_("You have finished with this text. It cannot be changed any more.")


class NotYetRead(Refusal):
    """Only what two people read can be settled."""

    slug = "text-not-yet-read"
    message = N_("This text waits for a second reader.")


class Code(Base):
    """One obstacle of the code book: what makes it hard to talk about return."""

    __tablename__ = "codes"
    __table_args__ = kept("the names of obstacles, and what they mean", Ground.NOBODY)

    code: Mapped[str] = mapped_column(String(60), primary_key=True, info=C1.info)
    form_id: Mapped[str | None] = mapped_column(String(32), unique=True, info=C1.info)
    title: Mapped[str] = mapped_column(String(80), info=C1.info)
    definition: Mapped[str] = mapped_column(Text, info=C1.info)
    example: Mapped[str | None] = mapped_column(Text, info=C2.info)
    parent: Mapped[str | None] = mapped_column(ForeignKey("codes.code"), info=C1.info)
    country: Mapped[str | None] = mapped_column(String(2), info=C1.info)
    topic: Mapped[str | None] = mapped_column(String(60), info=C1.info)
    state: Mapped[str] = mapped_column(String(8), default=State.USED, index=True, info=C1.info)
    merged_into: Mapped[str | None] = mapped_column(ForeignKey("codes.code"), info=C1.info)

    @property
    def is_used(self) -> bool:
        """Whether passages can be marked with it."""
        return self.state == State.USED

    def merge_into(self, other: str) -> None:
        """Its passages are those of another code from now on. Raises `CodeRetired`."""
        self.check_used()
        self.state, self.merged_into = State.MERGED, other

    def split(self) -> None:
        """Narrower codes take its place. Raises `CodeRetired`."""
        self.check_used()
        self.state = State.SPLIT

    def check_used(self) -> None:
        """Raises `CodeRetired` where it is history."""
        if not self.is_used:
            raise CodeRetired


class CodeChange(Base):
    """What happened to a code on a day: names before and after, or the other codes."""

    __tablename__ = "code_changes"
    __table_args__ = kept("what a code meant when it was used", Ground.INTEREST)

    change_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    number: Mapped[int] = mapped_column(info=C1.info)  # of this code's changes
    code: Mapped[str] = mapped_column(ForeignKey("codes.code"), index=True, info=C1.info)
    changed_on: Mapped[dt.date] = mapped_column(Date, default=clock.today, info=C1.info)
    kind: Mapped[str] = mapped_column(String(12), info=C1.info)
    by: Mapped[str] = mapped_column(String(80), info=C1.info)
    before: Mapped[str | None] = mapped_column(String(80), info=C1.info)
    others: Mapped[list[str]] = mapped_column(JSON, default=list, info=C1.info)


class Reading(Base):
    """One of the two turns at a text, or (turn 0) what was settled on after both."""

    __tablename__ = "readings"
    __table_args__ = (
        UniqueConstraint("answer_id", "coder_id"),
        Index("ix_readings_turn", "turn"),  # how many texts are settled
        kept("two people read each text, and not the same one twice", Ground.INTEREST),
    )

    answer_id: Mapped[str] = mapped_column(
        ForeignKey("feedback_answers.answer_id"), primary_key=True, info=C1.info
    )
    turn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=C1.info)
    coder_id: Mapped[str | None] = mapped_column(String(32), info=C1.info)  # None: once settled
    passages: Mapped[int] = mapped_column(info=C1.info)
    finished_on: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)

    def finish(self) -> None:
        """Nothing more to mark. Raises `TextFinished`."""
        self.check_open()
        self.finished_on = clock.today()

    def check_open(self) -> None:
        """Raises `TextFinished` where nothing can be changed any more."""
        if self.finished_on is not None:
            raise TextFinished


class PassageMark(Base):
    """A passage of a text to which a code was given, in one turn or (turn 0) in the end."""

    __tablename__ = "passage_marks"
    __table_args__ = kept("which obstacles a text speaks of", Ground.NOBODY)

    answer_id: Mapped[str] = mapped_column(
        ForeignKey("feedback_answers.answer_id"), primary_key=True, info=C1.info
    )
    turn: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=C1.info)
    passage: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, info=C1.info)
    code: Mapped[str] = mapped_column(
        ForeignKey("codes.code"), primary_key=True, index=True, info=C1.info
    )


class ToldCount(Base):
    """What was last told of a code and a quarter to the other services."""

    __tablename__ = "told_counts"
    __table_args__ = kept("what was told is told again only where it changed", Ground.NOBODY)

    code: Mapped[str] = mapped_column(ForeignKey("codes.code"), primary_key=True, info=C1.info)
    quarter: Mapped[dt.date] = mapped_column(Date, primary_key=True, info=C1.info)
    number: Mapped[int] = mapped_column(info=C1.info)
