"""One's own sign-up, by the secret of its page."""

from cri_shared.db import Work
from cri_shared.errors import NotFound
from cri_shared.identity.secrets import new_token, token_hash
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_training.actions import seats
from cri_training.actions.asking import sealed_for
from cri_training.models import Edition, SignUp
from cri_training.rig import Rig

PARTICIPANT = "participant"


async def own(session: AsyncSession, token: str) -> SignUp:
    """The sign-up; raises `NotFound`."""
    found = select(SignUp).where(SignUp.manage_hash == token_hash(token))
    sign_up = (await session.execute(found)).scalar_one_or_none()
    if sign_up is None:
        raise NotFound
    return sign_up


async def lock_own(work: Work, token: str) -> tuple[Edition, SignUp]:
    """The sign-up and its locked edition; raises `NotFound`."""
    sign_up = await own(work.session, token)
    edition = await seats.lock(work, sign_up.edition_id)
    await work.session.refresh(sign_up)
    return edition, sign_up


def open_page(key: bytes, sign_up: SignUp) -> str:
    """Give a sign-up a page of its own; gives the page's secret."""
    token = new_token()
    sign_up.manage_hash = token_hash(token)
    sign_up.manage_sealed = sealed_for(key, sign_up.sign_up_id).seal("manage", token)
    return token


def manage_token(key: bytes, sign_up: SignUp) -> str:
    """The secret of the page where somebody sees and changes their sign-up."""
    assert sign_up.manage_sealed is not None
    return sealed_for(key, sign_up.sign_up_id).open("manage", sign_up.manage_sealed)


def check_in_url(rig: Rig, sign_up: SignUp) -> str:
    """What the square of a sign-up says: where a trainer who is signed in sees whose it is."""
    return f"{rig.settings.public_url}/console/check-in/{sign_up.sign_up_id}"
