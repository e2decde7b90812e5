"""Organisations that send their people, found again however their name is typed."""

import hmac
import unicodedata

from cri_shared import clock
from cri_shared.db import Work, new_id
from sqlalchemy import select

from cri_training.models import Organisation
from cri_training.rig import Rig


def same_name(typed: str) -> str:
    """A name without regard to case, spaces and ways of writing the same letter."""
    return " ".join(unicodedata.normalize("NFKC", typed).casefold().split())


def name_index(rig: Rig, typed: str) -> bytes:
    """HMAC-SHA256 (32 bytes) of a name: who works at the same place is found without the name."""
    return hmac.digest(rig.organisation_secret, same_name(typed).encode(), "sha256")


async def named(work: Work, typed: str) -> Organisation:
    """The organisation of a name; a new one where none is called so."""
    everyone = (await work.session.execute(select(Organisation))).scalars()
    wanted = same_name(typed)
    for known in everyone:
        if same_name(known.name) == wanted:
            return known
    name = " ".join(typed.split())
    made = Organisation(organisation_id=new_id(), name=name, created_at=clock.now())
    work.session.add(made)
    await work.session.flush()
    return made
