"""The code book of obstacles: made, renamed, merged and split by coders, with what was before."""

from collections.abc import Sequence
from dataclasses import dataclass

from cri_shared.db import Work
from cri_shared.identity import audit
from cri_shared.identity.staff import Staff
from sqlalchemy import delete, func, select

from cri_training.actions.coding import let_wait
from cri_training.models import Code, CodeChange, PassageMark, Reading
from cri_training.queries.code_book import code_named, successors
from cri_training.rules.obstacles import SETTLED, Change, State, code_of


@dataclass(frozen=True)
class Described:
    """What a coder writes about a code; `parent` is another code."""

    title: str
    definition: str
    example: str | None = None
    parent: str | None = None
    country: str | None = None
    topic: str | None = None


async def make_code(work: Work, said: Described, *, form_id: str, by: Staff) -> Code:
    """A new code; the same form again gives the one that it made before."""
    made = select(Code).where(Code.form_id == form_id)
    before = (await work.session.execute(made)).scalar_one_or_none()
    if before is not None:
        return before
    return await _add(work, said, by=by, form_id=form_id)


async def _add(work: Work, said: Described, *, by: Staff, form_id: str | None = None) -> Code:
    code = Code(code=await _free(work, code_of(said.title)), form_id=form_id, **said.__dict__)
    work.session.add(code)
    await work.session.flush()
    await _note(work, code, Change.MADE, by=by)
    return code


async def _free(work: Work, wanted: str) -> str:
    """A name that no code had yet: what was once counted under one never means another."""
    taken = select(Code.code).where(Code.code.startswith(wanted, autoescape=True))
    names = set((await work.session.execute(taken)).scalars())
    numbered = (f"{wanted}-{number}" for number in range(2, len(names) + 3))
    return next(name for name in (wanted, *numbered) if name not in names)


async def describe_code(work: Work, code: Code, said: Described, *, by: Staff) -> bool:
    """Another name or meaning; its name in addresses and events stays. Whether that is a change."""
    code.check_used()
    before = code.title
    if all(getattr(code, name) == value for name, value in said.__dict__.items()):
        return False
    for name, value in said.__dict__.items():
        setattr(code, name, value)
    if before != said.title:
        await _note(work, code, Change.RENAMED, by=by, before=before)
    else:
        await _note(work, code, Change.DESCRIBED, by=by)
    return True


async def merge_code(work: Work, code: Code, into: str, *, by: Staff) -> bool:
    """All its passages are another code's from now on; whether that is a change."""
    if code.merged_into == into:
        return False
    other = await code_named(work.session, into)
    other.check_used()
    code.merge_into(other.code)
    await _move_marks(work, code.code, other.code)
    children = select(Code).where(Code.parent == code.code)
    for child in (await work.session.execute(children)).scalars():
        child.parent = other.code if child.code != other.code else None
    await _note(work, code, Change.MERGED, by=by, others=[other.code])
    await _note(work, other, Change.TOOK_IN, by=by, others=[code.code])
    return True


async def _move_marks(work: Work, old: str, new: str) -> None:
    """Marks of one code become another's; a passage that had both has one."""
    found = select(PassageMark).where(PassageMark.code.in_((old, new)))
    marks = (await work.session.execute(found)).scalars().all()
    there = {(m.answer_id, m.turn, m.passage) for m in marks if m.code == new}
    for mark in marks:
        if mark.code == old and (mark.answer_id, mark.turn, mark.passage) not in there:
            work.session.add(PassageMark(**_place(mark), code=new))
    await work.session.execute(delete(PassageMark).where(PassageMark.code == old))


def _place(mark: PassageMark) -> dict[str, str | int]:
    return {"answer_id": mark.answer_id, "turn": mark.turn, "passage": mark.passage}


async def split_code(work: Work, code: Code, titles: Sequence[str], *, by: Staff) -> list[Code]:
    """Narrower codes take its place; texts that were settled with it are settled anew.

    Who sends the same again gets what there is. Raises `CodeRetired` where it was merged.
    """
    if code.state == State.SPLIT:
        return await successors(work.session, code.code)
    code.split()
    narrower = [
        await _add(
            work,
            Described(title, code.definition, None, code.code, code.country, code.topic),
            by=by,
        )
        for title in titles
    ]
    speaking = select(PassageMark.answer_id).where(
        PassageMark.code == code.code, PassageMark.turn == SETTLED
    )
    again = list((await work.session.execute(speaking)).scalars())
    for table in (PassageMark, Reading):
        undone = delete(table).where(table.turn == SETTLED, table.answer_id.in_(again))
        await work.session.execute(undone)
    await let_wait(work, again, waits=True)
    await _note(work, code, Change.SPLIT, by=by, others=[one.code for one in narrower])
    return narrower


async def _note(
    work: Work,
    code: Code,
    kind: Change,
    *,
    by: Staff,
    before: str | None = None,
    others: Sequence[str] = (),
) -> None:
    counted = select(func.count()).where(CodeChange.code == code.code)
    number = int((await work.session.execute(counted)).scalar_one()) + 1
    work.session.add(
        CodeChange(
            number=number,
            code=code.code,
            kind=kind,
            by=by.name,
            before=before,
            others=list(others),
        )
    )
    await audit.note(work, f"training.code.{kind}", code.code, by=by)
