"""From one console to the next without signing in again."""

import datetime as dt

from sqlalchemy import delete

from cri_shared import clock
from cri_shared.identity import secrets
from cri_shared.identity.models import Handover
from cri_shared.identity.staff import Staff
from cri_shared.identity.store.sessions import Sessions

HANDOVER = dt.timedelta(seconds=60)


class Moving(Sessions):
    """One-time codes for a person and a console."""

    async def hand_over(self, staff: Staff, target: str) -> str:
        """A one-time code with which a person arrives at another console within a minute."""
        code = secrets.new_token()
        async with self._writing() as session:
            await session.execute(delete(Handover).where(Handover.expires_at <= clock.now()))
            session.add(
                Handover(
                    code_hash=secrets.token_hash(code),
                    staff_id=staff.staff_id,
                    proved_at=staff.proved_at,
                    provider_session=staff.provider_session,
                    target=target,
                    expires_at=clock.now() + HANDOVER,
                )
            )
        return code

    async def arrive(self, code: str) -> str | None:
        """Redeem a code meant for this service: a session's token, or None."""
        async with self._writing() as session:
            found = await session.get(Handover, secrets.token_hash(code))
            if found is None:
                return None
            await session.delete(found)
            if found.target != self.service or found.expires_at <= clock.now():
                return None
            return await self._open(
                session, found.staff_id, found.proved_at, found.provider_session
            )
