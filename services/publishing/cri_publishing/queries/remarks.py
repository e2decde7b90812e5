"""The remarks on an entry's versions, opened: each with the answers to it."""

from dataclasses import dataclass, field

from cri_shared.privacy.vault import Erased, SealedText
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_publishing.models import Remark, Version
from cri_publishing.rig import Rig


@dataclass(frozen=True)
class Said:
    """A remark with its words, or None where their key was destroyed; and what was answered."""

    remark: Remark
    text: str | None
    answers: list["Said"] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done about it."""
        return self.remark.settled_at is None


def place_of(remark_id: str) -> str:
    """Where the words of a remark belong, to the vault."""
    return f"remark:{remark_id}/text"


async def remarks_of(session: AsyncSession, rig: Rig, entry_id: str) -> list[Said]:
    """Every remark on an entry, the first first, with the answers to it."""
    rows = (
        select(Remark, Version.key_id)
        .join(Version, (Version.entry_id == Remark.entry_id) & (Version.number == Remark.number))
        .where(Remark.entry_id == entry_id)
        .order_by(Remark.said_at, Remark.remark_id)
    )
    found = (await session.execute(rows)).all()
    vaults = {key_id: await _vault(rig, key_id) for key_id in {row[1] for row in found}}
    said = {one.remark_id: Said(one, _opened(vaults[key_id], one)) for one, key_id in found}
    for one in said.values():
        if one.remark.answers is not None:
            said[one.remark.answers].answers.append(one)
    return [one for one in said.values() if one.remark.answers is None]


async def _vault(rig: Rig, key_id: str) -> SealedText | None:
    try:
        return await rig.vault(key_id)
    except Erased:
        return None


def _opened(vault: SealedText | None, one: Remark) -> str | None:
    return None if vault is None else vault.open(place_of(one.remark_id), one.text_sealed)
