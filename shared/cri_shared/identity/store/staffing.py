"""What operators do with the accounts of others: roles, shutting out, and recovery by two."""

from collections.abc import Iterable

from sqlalchemy import delete, select

from cri_shared import clock
from cri_shared.errors import Invalid, NotFound
from cri_shared.identity import secrets
from cri_shared.identity.models import INVITATION, Account, AccountRole, Recovery, Session
from cri_shared.identity.refusals import KnownAlready, NotOneself
from cri_shared.identity.staff import ROLES, Staff
from cri_shared.identity.store.joining import Joining
from cri_shared.words import N_


class Staffing(Joining):
    """Accounts as operators keep them; nobody changes what they may do themselves."""

    async def invite_once(self, form_id: str, email: str, name: str, roles: Iterable[str]) -> str:
        """The token of an invitation; the same form again gives the same. Raises `KnownAlready`."""
        known = select(Account.staff_id).where(Account.email == email.strip().lower())
        async with self._reading() as session:
            if (await session.execute(known)).first() is not None:
                raise KnownAlready
        token = secrets.token_after(self._session_key, f"invitation:{form_id}")
        return await self.invite(email, name, roles, token=token)

    async def set_roles(self, staff_id: str, roles: Iterable[str], by: Staff) -> tuple[str, ...]:
        """Give somebody else exactly these roles, from now on; gives those they had before.

        A link by which they were to come back opens nothing any more: it holds the roles of then.
        Raises `NotFound`, `NotOneself`, or `Invalid` for a role that there is not.
        """
        if set(roles) - ROLES.keys():
            raise Invalid
        async with self._writing() as session:
            account = _must_be_another(await session.get(Account, staff_id), by)
            held = select(AccountRole.role).where(AccountRole.staff_id == staff_id)
            before = tuple(sorted((await session.execute(held)).scalars()))
            await self._set_roles(session, staff_id, roles)
            await self._end_invitations(session, account.email)
        return before

    async def shut_out(self, staff_id: str, by: Staff) -> bool:
        """Disable another's account, end their sessions, and every way in that was prepared.

        Gives False where they were shut out already. Raises `NotFound` or `NotOneself`.
        """
        async with self._writing() as session:
            found = await session.get(Account, staff_id, with_for_update=True)
            account = _must_be_another(found, by)
            anew = account.disabled_at is None
            account.disabled_at = account.disabled_at or clock.now()
            await session.execute(delete(Session).where(Session.staff_id == staff_id))
            await session.execute(delete(Recovery).where(Recovery.staff_id == staff_id))
            await self._end_invitations(session, account.email)
        return anew

    async def recover(self, staff_id: str, by: Staff) -> str | None:
        """Let somebody in again who lost phone or password, where two operators say so in a day.

        The first gives None; the second a token of an invitation with the roles as they are.
        Raises `NotFound`, or `NotOneself` for the person.
        """
        async with self._writing() as session:
            account = _must_be_another(await session.get(Account, staff_id), by)
            asked = await session.get(Recovery, staff_id)
            now = clock.now()
            if asked is None or asked.expires_at <= now or asked.asked_by == by.staff_id:
                if asked is not None:
                    await session.delete(asked)
                    await session.flush()
                session.add(
                    Recovery(
                        staff_id=staff_id,
                        asked_by=by.staff_id,
                        asker=by.name,
                        expires_at=now + INVITATION,
                    )
                )
                return None
            await session.delete(asked)
            held = select(AccountRole.role).where(AccountRole.staff_id == staff_id)
            roles = list((await session.execute(held)).scalars())
        return await self.invite(account.email, account.name, roles)

    async def recoveries(self) -> dict[str, Recovery]:
        """The recoveries that wait for a second operator, by person."""
        waiting = select(Recovery).where(Recovery.expires_at > clock.now())
        async with self._reading() as session:
            rows = (await session.execute(waiting)).scalars()
            return {row.staff_id: row for row in rows}


def _must_be_another(account: Account | None, by: Staff) -> Account:
    if account is None:
        raise NotFound(N_("There is no such account."))
    if account.staff_id == by.staff_id:
        raise NotOneself
    return account
