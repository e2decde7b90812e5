"""People whom their organisation's sign-in vouches for: by issuer and subject, with its roles."""

import datetime as dt

import pyotp
from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cri_shared import clock
from cri_shared.db.columns import new_id
from cri_shared.identity import secrets
from cri_shared.identity.models import CHALLENGE, Account, Session, SpentChallenge
from cri_shared.identity.provider import Ended, Person
from cri_shared.identity.refusals import AddressTaken, ProviderRefused, WrongCredentials
from cri_shared.identity.staff import Staff
from cri_shared.identity.store.joining import Joining
from cri_shared.privacy.vault import seal

NO_PASSWORD = ""


class Federated(Joining):
    """Sessions that a provider opens, proves and ends."""

    async def sign_in_by_provider(self, person: Person, language: str) -> str:
        """A new session's token, for an account that is made or brought up to date.

        Raises `ProviderRefused` for who has no role here, `WrongCredentials` for who was shut out,
        `AddressTaken` where another account has this address.
        """
        if not person.roles:
            raise ProviderRefused
        try:
            async with self._writing() as session:
                account = await self._vouched(session, person)
                if account is None:
                    account = self._new(person, language)
                if account.disabled_at is not None:
                    raise WrongCredentials
                account.email, account.name = person.email, person.name
                session.add(account)
                await session.flush()
                await self._set_roles(session, account.staff_id, person.roles)
                return await self._open(
                    session, account.staff_id, _not_ahead(person), person.session
                )
        except IntegrityError:
            raise AddressTaken from None

    def _new(self, person: Person, language: str) -> Account:
        staff_id = new_id()
        return Account(
            staff_id=staff_id,
            email=person.email,
            issuer=person.issuer,
            subject=person.subject,
            language=language,
            password_hash=NO_PASSWORD,
            totp_sealed=seal(self._key, pyotp.random_base32(), staff_id),
            created_at=clock.now(),
        )

    async def _vouched(self, session: AsyncSession, person: Person) -> Account | None:
        known = select(Account).where(
            Account.issuer == person.issuer, Account.subject == person.subject
        )
        return (await session.execute(known)).scalar_one_or_none()

    async def prove_by_provider(self, staff: Staff, person: Person) -> str:
        """The session's new token, where the provider saw this very person just now."""
        async with self._writing() as session:
            account = await self._vouched(session, person)
            fresh = clock.now() - person.proved_at < CHALLENGE
            if account is None or account.staff_id != staff.staff_id or not fresh:
                raise ProviderRefused
            return await self._renew(session, staff)

    async def end_by_provider(self, ended: Ended) -> None:
        """End what the provider says is over, at every console of this store; each token once."""
        spent = secrets.token_hash(ended.token_id)
        async with self._writing() as session:
            if await session.get(SpentChallenge, spent) is not None:
                raise ProviderRefused
            until = clock.now() + CHALLENGE
            session.add(SpentChallenge(challenge_hash=spent, expires_at=until))
            await session.execute(delete(Session).where(_of(ended)))


def _of(ended: Ended) -> ColumnElement[bool]:
    theirs = select(Account.staff_id).where(Account.issuer == ended.issuer)
    if ended.subject is not None:
        theirs = theirs.where(Account.subject == ended.subject)
    which = Session.staff_id.in_(theirs)
    return which & (Session.provider_session == ended.session) if ended.session else which


def _not_ahead(person: Person) -> dt.datetime:
    return min(person.proved_at, clock.now())
