"""The code book: codes under their parents, and what happened to one."""

from collections.abc import Sequence

from cri_shared.errors import NotFound
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.models import Code, CodeChange
from cri_training.rules.obstacles import State


async def code_named(session: AsyncSession, code: str) -> Code:
    """One code; raises `NotFound`."""
    one = await session.get(Code, code)
    if one is None:
        raise NotFound
    return one


async def book(session: AsyncSession) -> list[Code]:
    """Every code that is used by its title, each followed by those under it; then the history."""
    rows = (await session.execute(select(Code).order_by(Code.title, Code.code))).scalars().all()
    used = [code for code in rows if code.is_used]
    known = {code.code for code in used}
    ordered: list[Code] = []
    for code in used:
        if code.parent not in known:
            _follow(code, used, ordered)
    ordered += [code for code in used if code not in ordered]
    return ordered + [code for code in rows if not code.is_used]


def _follow(code: Code, used: Sequence[Code], ordered: list[Code]) -> None:
    ordered.append(code)
    for child in used:
        if child.parent == code.code and child not in ordered:
            _follow(child, used, ordered)


async def usable(session: AsyncSession) -> list[Code]:
    """The codes with which a passage can be marked, in the order of the book."""
    return [code for code in await book(session) if code.is_used]


async def changes(session: AsyncSession, code: str) -> Sequence[CodeChange]:
    """What happened to a code, oldest first."""
    rows = select(CodeChange).where(CodeChange.code == code).order_by(CodeChange.number)
    return (await session.execute(rows)).scalars().all()


async def successors(session: AsyncSession, code: str) -> list[Code]:
    """The codes that are used today for what a split one meant."""
    rows = select(Code).where(Code.parent == code, Code.state == State.USED)
    return list((await session.execute(rows.order_by(Code.title))).scalars())
