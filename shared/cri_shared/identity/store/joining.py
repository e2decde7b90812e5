"""Invitations become accounts; accounts are shut."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyotp
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from cri_shared import clock
from cri_shared.db.columns import new_id
from cri_shared.db.inserting import insert_into
from cri_shared.errors import Invalid, NotFound
from cri_shared.identity import secrets
from cri_shared.identity.models import INVITATION, Account, AccountRole, Base, Invitation, Session
from cri_shared.identity.refusals import CodeWrong, InvitationSpent, MemberAlone, RolesApart
from cri_shared.identity.staff import APART, MEMBER, ROLES
from cri_shared.identity.store.sessions import Sessions
from cri_shared.privacy.vault import open_sealed, seal
from cri_shared.words import N_


@dataclass(frozen=True)
class Invited:
    """What an invited person sees: for whom it is, and the secret for the authenticator."""

    email: str
    name: str
    roles: tuple[str, ...]
    totp_secret: str

    @property
    def totp_uri(self) -> str:
        """The address that authenticator apps read from a QR code."""
        return pyotp.TOTP(self.totp_secret, name=self.email, issuer="CRI").provisioning_uri()


class Joining(Sessions):
    """Who becomes staff, and who no longer is."""

    async def invite(
        self, email: str, name: str, roles: Iterable[str], *, token: str | None = None
    ) -> str:
        """Prepare an invitation; gives the token of its one-time link, valid for 24 hours.

        With a `token` that has an invitation already, nothing more is made. Raises `Invalid` for a
        role that there is not, or `RolesApart`.
        """
        unknown = set(roles) - ROLES.keys()
        if unknown:
            raise Invalid(f"There is no role {', '.join(sorted(unknown))}.")
        self._must_be_apart(roles)
        token = token or secrets.new_token()
        hashed = secrets.token_hash(token)
        invited = {
            "token_hash": hashed,
            "email": email.strip().lower(),
            "name": name.strip(),
            "roles": ",".join(sorted(roles)),
            "totp_sealed": seal(self._key, pyotp.random_base32(), hashed),
            "expires_at": clock.now() + INVITATION,
        }
        async with self._writing() as session:  # two clicks may be here at one moment
            entry = insert_into(session, Base.metadata.tables["invitations"]).values(invited)
            await session.execute(entry.on_conflict_do_nothing())
        return token

    async def invitation(self, token: str) -> Invited:
        """What an invitation says; raises `InvitationSpent`."""
        async with self._reading() as session:
            found = await self._invitation(session, token)
            return self._invited(found)

    async def accept(self, token: str, *, password: str, code: str, language: str) -> str:
        """Spend an invitation: makes the account (or renews it) and gives a session's token.

        Raises `InvitationSpent`, `PasswordTooWeak` or `CodeWrong`.
        """
        invited = await self.invitation(token)
        await self.passwords.check(password, invited.name, invited.email)
        password_hash = await secrets.hash_password(password)
        async with self._writing() as session:
            found = await self._invitation(session, token)
            invited = self._invited(found)
            step = secrets.totp_step(invited.totp_secret, code, clock.now())
            if step is None:
                raise CodeWrong
            if not await self._end_invitations(session, invited.email):
                raise InvitationSpent  # by a click at the same moment
            account = await self._account_for(session, invited)
            account.name, account.password_hash = invited.name, password_hash
            account.language, account.totp_used = language, step
            account.totp_sealed = seal(self._key, invited.totp_secret, account.staff_id)
            account.failures, account.wait_until, account.disabled_at = 0, None, None
            session.add(account)
            await session.flush()
            await self._set_roles(session, account.staff_id, invited.roles)
            return await self._open(session, account.staff_id, clock.now())

    async def _end_invitations(self, session: AsyncSession, email: str) -> int:
        """Let no link that was made for an address open anything; how many those were."""
        ended = await session.execute(delete(Invitation).where(Invitation.email == email))
        return int(ended.rowcount)  # type: ignore[attr-defined]

    async def _invitation(self, session: AsyncSession, token: str) -> Invitation:
        found = await session.get(Invitation, secrets.token_hash(token))
        if found is None or found.expires_at <= clock.now():
            raise InvitationSpent
        return found

    def _invited(self, found: Invitation) -> Invited:
        secret = open_sealed(self._key, found.totp_sealed, found.token_hash).decode()
        return Invited(found.email, found.name, tuple(found.roles.split(",")), secret)

    async def _account_for(self, session: AsyncSession, invited: Invited) -> Account:
        known = select(Account).where(Account.email == invited.email)
        account = (await session.execute(known)).scalar_one_or_none()
        if account is not None:  # a new invitation to a known person is how access is recovered
            await session.execute(delete(Session).where(Session.staff_id == account.staff_id))
            return account
        return Account(staff_id=new_id(), email=invited.email, created_at=clock.now())

    def _must_be_apart(self, roles: Iterable[str]) -> None:
        if MEMBER in roles and set(roles) != {MEMBER}:
            raise MemberAlone
        if not self.together and set(roles) >= APART:
            raise RolesApart

    async def _set_roles(self, session: AsyncSession, staff_id: str, roles: Iterable[str]) -> None:
        self._must_be_apart(roles)
        await session.execute(delete(AccountRole).where(AccountRole.staff_id == staff_id))
        session.add_all(AccountRole(staff_id=staff_id, role=role) for role in roles)

    async def disable(self, email: str) -> None:
        """Shut a person out, at once and everywhere; raises `NotFound`."""
        known = select(Account).where(Account.email == email.strip().lower())
        async with self._writing() as session:
            account = (await session.execute(known)).scalar_one_or_none()
            if account is None:
                raise NotFound(N_("There is no such account."))
            account.disabled_at = clock.now()
            await session.execute(delete(Session).where(Session.staff_id == account.staff_id))
            await self._end_invitations(session, account.email)

    async def everybody(self) -> list[tuple[Account, tuple[str, ...]]]:
        """Every account with its roles, by name."""
        async with self._reading() as session:
            accounts = (await session.execute(select(Account).order_by(Account.name))).scalars()
            rows = (await session.execute(select(AccountRole.staff_id, AccountRole.role))).all()
            roles: dict[str, list[str]] = {}
            for staff_id, role in rows:
                roles.setdefault(staff_id, []).append(role)
            return [(a, tuple(sorted(roles.get(a.staff_id, ())))) for a in accounts]
