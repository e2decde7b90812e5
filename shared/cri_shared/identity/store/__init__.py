"""The identity store: accounts and sessions as one service sees them; services may share it."""

from sqlalchemy import ColumnElement, delete, func, or_, select

from cri_shared import clock
from cri_shared.identity.models import ABSOLUTE, IDLE, Invitation, Recovery, Session, SpentChallenge
from cri_shared.identity.store.changing import Changing
from cri_shared.identity.store.federated import Federated
from cri_shared.identity.store.joining import Invited
from cri_shared.identity.store.keys import Passkeys
from cri_shared.identity.store.moving import Moving
from cri_shared.identity.store.staffing import Staffing

__all__ = ["Identity", "Invited"]


def _over() -> dict[type[Invitation | Recovery | Session | SpentChallenge], ColumnElement[bool]]:
    now = clock.now()
    idle, old = Session.seen_at < now - IDLE, Session.created_at < now - ABSOLUTE
    return {
        Invitation: Invitation.expires_at <= now,
        Recovery: Recovery.expires_at <= now,
        Session: or_(idle, old),
        SpentChallenge: SpentChallenge.expires_at <= now,
    }


class Identity(Federated, Staffing, Passkeys, Changing, Moving):
    """Invitations become accounts, passwords and codes become sessions; each ends in its time."""

    async def over(self) -> dict[str, int]:
        """Table -> how many of its rows open nothing any more and may go."""
        async with self._reading() as session:
            return {
                kind.__tablename__: (
                    await session.execute(select(func.count()).where(condition))
                ).scalar_one()
                for kind, condition in _over().items()
            }

    async def forget_over(self) -> None:
        """Drop sessions that ended by themselves, and what was good for a time that is over."""
        async with self._writing() as session:
            for kind, condition in _over().items():
                await session.execute(delete(kind).where(condition))
