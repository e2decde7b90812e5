"""Changing one's own password."""

from sqlalchemy import update

from cri_shared import clock
from cri_shared.identity import secrets
from cri_shared.identity.models import Account
from cri_shared.identity.refusals import (
    NoPasswordHere,
    PasswordTheSame,
    PasswordWrong,
    WaitBeforeNextTry,
)
from cri_shared.identity.staff import Staff
from cri_shared.identity.store.sessions import Sessions


class Changing(Sessions):
    """A new password for who knows the old one."""

    async def change_password(self, staff: Staff, *, old: str, new: str, end_others: bool) -> bool:
        """Give a person a new password, and end their other sessions; False where it is done.

        A wrong old one slows down like a sign-in. Raises `NoPasswordHere`, `PasswordTooWeak`,
        `PasswordTheSame`, `WaitBeforeNextTry` or `PasswordWrong`.
        """
        async with self._reading() as session:
            account = await session.get_one(Account, staff.staff_id)
        if not account.password_hash:
            raise NoPasswordHere
        await self.passwords.check(new, account.name, account.email)
        if old == new:
            raise PasswordTheSame
        if account.wait_until and account.wait_until > clock.now():
            raise WaitBeforeNextTry
        right, _ = await secrets.verify_password(old, account.password_hash)
        if not right:
            await self._must_be_done(account, new)
            return False
        renewed = await secrets.hash_password(new)
        async with self._writing() as session:
            person = update(Account).where(Account.staff_id == staff.staff_id)
            values = {"password_hash": renewed, "failures": 0, "wait_until": None}
            await session.execute(person.values(values))
            if end_others:
                await self._end_others(session, staff)
        return True

    async def _must_be_done(self, account: Account, new: str) -> None:
        """Let a second click pass, which comes after the first one made the new password."""
        done, _ = await secrets.verify_password(new, account.password_hash)
        if not done:
            await self._note_failure(account)
            raise PasswordWrong
