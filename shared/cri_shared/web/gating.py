"""The gate at a public form: what points to a person is refused, and nothing typed is lost."""

from collections.abc import Iterable
from typing import Any

from cri_shared.places import INTERFACE_LANGUAGES
from cri_shared.privacy.gate import (
    MAY_STAY,
    PERSONAL,
    Suspect,
    explained,
    look_in_any,
    said_in,
    told,
    unexplained,
)
from cri_shared.web.forms import Submitted
from cri_shared.words import N_

_HELD = PERSONAL | {"url", "address"}
TOO_PERSONAL = N_("Take this out, it points to a person: %(found)s")
MAYBE_NAMES = N_("Take out the names of people, or say below that these are none: %(found)s")

__all__ = ["MAY_STAY", "keep_people_out", "pointing_at_people"]


async def pointing_at_people(text: str | None) -> list[Suspect]:
    """What in a text seems to point to one person; people write in another language than we do."""
    return await look_in_any(text, INTERFACE_LANGUAGES, kinds=_HELD)


async def keep_people_out(form: Submitted[Any], fields: Iterable[str]) -> list[Suspect]:
    """Refuse what points to a person; gives the words that may be names, for a person to judge."""
    said, names = said_in(form.values), []
    for field in fields:
        found = await pointing_at_people(form.values.get(field))
        names += [suspect for suspect in found if suspect.kind == "name"]
        if hard := [suspect for suspect in found if suspect.kind != "name"]:
            form.refuse(field, TOO_PERSONAL, found=told(hard))
        elif maybe := unexplained(found, explained(found, said)):
            form.refuse(field, MAYBE_NAMES, found=told(maybe))
    return names
