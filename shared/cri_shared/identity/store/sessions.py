"""Signing in, sessions, and showing anew who one is."""

import datetime as dt

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from cri_shared import clock
from cri_shared.identity import secrets
from cri_shared.identity.models import ABSOLUTE, IDLE, Account, AccountRole, Handover, Session
from cri_shared.identity.refusals import CodeWrong, WaitBeforeNextTry, WrongCredentials
from cri_shared.identity.staff import Staff
from cri_shared.identity.store.base import Store
from cri_shared.privacy.vault import open_sealed

SEEN_EVERY = dt.timedelta(minutes=1)
LONGEST_WAIT = 60  # seconds
TWO_CLICKS = dt.timedelta(minutes=1)  # in which the token before the newest is still good


class Sessions(Store):
    """Who is signed in at this service."""

    async def sign_in(self, *, email: str, password: str, code: str) -> str:
        """A new session's token; raises `WrongCredentials` or `WaitBeforeNextTry`."""
        known = select(Account).where(Account.email == email.strip().lower())
        async with self._reading() as session:
            account = (await session.execute(known)).scalar_one_or_none()
        if account is None or account.disabled_at is not None or not account.password_hash:
            await secrets.waste_time(password)
            raise WrongCredentials
        if account.wait_until and account.wait_until > clock.now():
            raise WaitBeforeNextTry
        right, renewed = await secrets.verify_password(password, account.password_hash)
        step = self._step_of(account, code)
        if not right or step is None:
            await self._note_failure(account)
            raise WrongCredentials
        async with self._writing() as session:
            if not await self._spend(session, account.staff_id, step, password_hash=renewed):
                raise WrongCredentials
            return await self._open(session, account.staff_id, clock.now())

    async def id_of(self, email: str) -> str | None:
        """Whose address this is, or None."""
        known = select(Account.staff_id).where(Account.email == email.strip().lower())
        async with self._reading() as session:
            return (await session.execute(known)).scalar_one_or_none()

    def _step_of(self, account: Account, code: str) -> int | None:
        """The time step of a code that is right and was not used before, or None."""
        secret = open_sealed(self._key, account.totp_sealed, account.staff_id).decode()
        step = secrets.totp_step(secret, code, clock.now())
        return None if step is None or step <= account.totp_used else step

    async def _note_failure(self, account: Account) -> None:
        wait = min(2 ** min(account.failures, 6), LONGEST_WAIT)
        failed = update(Account).where(Account.staff_id == account.staff_id)
        until = clock.now() + dt.timedelta(seconds=wait)
        async with self._writing() as session:
            await session.execute(failed.values(failures=Account.failures + 1, wait_until=until))

    async def _spend(
        self, session: AsyncSession, staff_id: str, step: int, *, password_hash: str | None = None
    ) -> bool:
        # The condition makes a code good for one time even when two arrive together.
        unused = update(Account).where(Account.staff_id == staff_id, Account.totp_used < step)
        renewed = {"password_hash": password_hash} if password_hash else {}
        done = await session.execute(
            unused.values(totp_used=step, failures=0, wait_until=None, **renewed)
        )
        return bool(done.rowcount)  # type: ignore[attr-defined]

    async def prove(self, staff: Staff, code: str) -> str:
        """Show with a code that one is still there: the session's new token.

        The old token stays good for a minute, for a second click. Raises `CodeWrong` or
        `WaitBeforeNextTry`.
        """
        async with self._reading() as session:
            account = await session.get_one(Account, staff.staff_id)
        if account.wait_until and account.wait_until > clock.now():
            raise WaitBeforeNextTry
        step = self._step_of(account, code)
        if step is None:
            await self._note_failure(account)
            raise CodeWrong
        async with self._writing() as session:
            if not await self._spend(session, staff.staff_id, step):
                raise CodeWrong
            return await self._renew(session, staff)

    async def end_all_sessions(self) -> None:
        """Let everybody sign in anew, at every service."""
        async with self._writing() as session:
            await session.execute(delete(Session))

    async def _renew(self, session: AsyncSession, staff: Staff) -> str:
        renewed = secrets.token_after(self._session_key, staff.token)
        own = update(Session).where(Session.session_id == staff.session_id)
        await session.execute(
            own.values(
                token_hash=secrets.token_hash(renewed),
                token_hash_before=secrets.token_hash(staff.token),
                proved_at=clock.now(),
            )
        )
        return renewed

    async def _open(
        self,
        session: AsyncSession,
        staff_id: str,
        proved_at: dt.datetime,
        provider_session: str | None = None,
    ) -> str:
        token = secrets.new_token()
        session.add(
            Session(
                token_hash=secrets.token_hash(token),
                staff_id=staff_id,
                service=self.service,
                created_at=clock.now(),
                seen_at=clock.now(),
                proved_at=proved_at,
                provider_session=provider_session,
            )
        )
        return token

    async def whoever(self, token: str) -> Staff | None:
        """The person of a session of this service, or None where it ended."""
        hashed = secrets.token_hash(token)
        found = await self._opened(hashed)
        if found is None:
            return None
        opened, account, held = found
        now = clock.now()
        if now - opened.seen_at > IDLE or now - opened.created_at > ABSOLUTE:
            return None
        is_newest = opened.token_hash == hashed
        if not is_newest and now - opened.proved_at > TWO_CLICKS:
            return None
        if now - opened.seen_at > SEEN_EVERY:
            seen = update(Session).where(Session.session_id == opened.session_id)
            async with self._writing() as session:
                await session.execute(seen.values(seen_at=now))
        return Staff(
            staff_id=account.staff_id,
            name=account.name,
            email=account.email,
            roles=held,
            language=account.language,
            digest=account.digest,
            csrf=secrets.csrf_of(self._session_key, opened.session_id),
            session_id=opened.session_id,
            proved_at=opened.proved_at,
            vouched_for=account.issuer is not None,
            provider_session=opened.provider_session,
            token=token if is_newest else secrets.token_after(self._session_key, token),
        )

    async def _opened(self, hashed: str) -> tuple[Session, Account, frozenset[str]] | None:
        """A session of this service by its token, over or not, with whose it is and their roles."""
        found = (
            select(Session, Account)
            .join(Account, Account.staff_id == Session.staff_id)
            .where(
                or_(Session.token_hash == hashed, Session.token_hash_before == hashed),
                Session.service == self.service,
                Account.disabled_at.is_(None),
            )
        )
        async with self._reading() as session:
            row = (await session.execute(found)).first()
            if row is None:
                return None
            roles = select(AccountRole.role).where(AccountRole.staff_id == row.Account.staff_id)
            held = frozenset((await session.execute(roles)).scalars())
            return row.Session, row.Account, held

    async def sessions_of(self, staff_id: str) -> list[Session]:
        """A person's open sessions at every console of this store, newest first."""
        own = select(Session).where(Session.staff_id == staff_id)
        async with self._reading() as session:
            return list((await session.execute(own.order_by(Session.seen_at.desc()))).scalars())

    async def end_session(self, staff_id: str, session_id: str) -> None:
        """End one session of a person; another's id does nothing."""
        own = (Session.staff_id == staff_id) & (Session.session_id == session_id)
        async with self._writing() as session:
            await session.execute(delete(Session).where(own))

    async def end_others(self, staff: Staff) -> None:
        """End every session of a person but this one, at every console of this store."""
        async with self._writing() as session:
            await self._end_others(session, staff)

    async def _end_others(self, session: AsyncSession, staff: Staff) -> None:
        others = (Session.staff_id == staff.staff_id) & (Session.session_id != staff.session_id)
        await session.execute(delete(Session).where(others))
        # A code for another console would open one more.
        await session.execute(delete(Handover).where(Handover.staff_id == staff.staff_id))

    async def speak(self, staff_id: str, language: str) -> None:
        """Set the language of a person's consoles."""
        person = update(Account).where(Account.staff_id == staff_id)
        async with self._writing() as session:
            await session.execute(person.values(language=language))

    async def hear_of_news(self, staff_id: str, wanted: bool) -> None:
        """Whether a mail tells a person in the morning that there is news."""
        person = update(Account).where(Account.staff_id == staff_id)
        async with self._writing() as session:
            await session.execute(person.values(digest=wanted))
