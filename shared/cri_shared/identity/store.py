"""The identity store: invitations become accounts, passwords and codes become sessions."""

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

import pyotp
from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from cri_shared import clock
from cri_shared.db.columns import new_id
from cri_shared.db.engine import make_engine
from cri_shared.db.limits import Limits
from cri_shared.errors import Invalid, NotFound
from cri_shared.identity import secrets
from cri_shared.identity.models import (
    ABSOLUTE,
    IDLE,
    INVITATION,
    Account,
    AccountRole,
    Handover,
    Invitation,
    Session,
)
from cri_shared.identity.refusals import (
    CodeWrong,
    InvitationSpent,
    StoreAway,
    WaitBeforeNextTry,
    WrongCredentials,
)
from cri_shared.identity.staff import ROLES, Staff
from cri_shared.observe import log
from cri_shared.privacy.keys import KeyRing
from cri_shared.privacy.vault import open_sealed, seal
from cri_shared.words import N_

HANDOVER = dt.timedelta(seconds=60)
SEEN_EVERY = dt.timedelta(minutes=1)
LONGEST_WAIT = 60  # seconds


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


@contextmanager
def _answering() -> Iterator[None]:
    """Says that the store is away where its database does not answer, or holds no tables."""
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, PoolTimeout, TimeoutError) as trouble:
        log.error("identity.store.away", error=type(trouble).__name__)
        raise StoreAway from None


def _over() -> dict[type[Invitation] | type[Session], ColumnElement[bool]]:
    now = clock.now()
    idle, old = Session.seen_at < now - IDLE, Session.created_at < now - ABSOLUTE
    return {Invitation: Invitation.expires_at <= now, Session: or_(idle, old)}


class Identity:
    """Accounts and sessions as one service sees them; several services may share the store."""

    def __init__(self, url: str, ring: KeyRing, *, service: str, limits: Limits = Limits()) -> None:
        self.url = url
        self.service = service
        self._engine = make_engine(url, limits)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._key = ring.secret("totp")

    async def ping(self) -> None:
        """Ask the store whether it answers; raises `StoreAway`."""
        async with self._reading() as session:
            await session.execute(select(Account.staff_id).limit(1))

    async def close(self) -> None:
        """Give every connection back."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[AsyncSession]:
        with _answering():
            async with self._sessions() as session, session.begin():
                yield session

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[AsyncSession]:
        readers = self._engine.execution_options(sqlite_begin="DEFERRED")
        with _answering():
            async with self._sessions(bind=readers) as session:
                yield session

    # --- becoming staff

    async def invite(self, email: str, name: str, roles: Iterable[str]) -> str:
        """Prepare an invitation; gives the token of its one-time link, valid for 24 hours."""
        unknown = set(roles) - ROLES.keys()
        if unknown:
            raise Invalid(f"There is no role {', '.join(sorted(unknown))}.")
        token = secrets.new_token()
        hashed = secrets.token_hash(token)
        async with self._writing() as session:
            session.add(
                Invitation(
                    token_hash=hashed,
                    email=email.strip().lower(),
                    name=name.strip(),
                    roles=",".join(sorted(roles)),
                    totp_sealed=seal(self._key, pyotp.random_base32(), hashed),
                    expires_at=clock.now() + INVITATION,
                )
            )
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
        secrets.check_password(password)
        password_hash = await secrets.hash_password(password)
        async with self._writing() as session:
            found = await self._invitation(session, token)
            invited = self._invited(found)
            step = secrets.totp_step(invited.totp_secret, code, clock.now())
            if step is None:
                raise CodeWrong
            account = await self._account_for(session, invited)
            account.name, account.password_hash = invited.name, password_hash
            account.language, account.totp_used = language, step
            account.totp_sealed = seal(self._key, invited.totp_secret, account.staff_id)
            account.failures, account.wait_until, account.disabled_at = 0, None, None
            session.add(account)
            await session.flush()
            await self._set_roles(session, account.staff_id, invited.roles)
            await session.delete(found)
            return await self._open(session, account.staff_id)

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

    async def _set_roles(self, session: AsyncSession, staff_id: str, roles: Iterable[str]) -> None:
        await session.execute(delete(AccountRole).where(AccountRole.staff_id == staff_id))
        session.add_all(AccountRole(staff_id=staff_id, role=role) for role in roles)

    # --- signing in and out

    async def sign_in(self, *, email: str, password: str, code: str) -> str:
        """A new session's token; raises `WrongCredentials` or `WaitBeforeNextTry`."""
        known = select(Account).where(Account.email == email.strip().lower())
        async with self._reading() as session:
            account = (await session.execute(known)).scalar_one_or_none()
        if account is None or account.disabled_at is not None:
            await secrets.waste_time(password)
            raise WrongCredentials
        if account.wait_until and account.wait_until > clock.now():
            raise WaitBeforeNextTry
        right = await secrets.verify_password(password, account.password_hash)
        secret = open_sealed(self._key, account.totp_sealed, account.staff_id).decode()
        step = secrets.totp_step(secret, code, clock.now())
        if not right or step is None or step <= account.totp_used:
            await self._note_failure(account)
            raise WrongCredentials
        return await self._note_success(account.staff_id, step)

    async def _note_failure(self, account: Account) -> None:
        wait = min(2 ** min(account.failures, 6), LONGEST_WAIT)
        failed = update(Account).where(Account.staff_id == account.staff_id)
        until = clock.now() + dt.timedelta(seconds=wait)
        async with self._writing() as session:
            await session.execute(failed.values(failures=Account.failures + 1, wait_until=until))

    async def _note_success(self, staff_id: str, step: int) -> str:
        # The condition makes a code good for one sign-in even when two arrive together.
        unused = update(Account).where(Account.staff_id == staff_id, Account.totp_used < step)
        async with self._writing() as session:
            done = await session.execute(unused.values(totp_used=step, failures=0, wait_until=None))
            if not done.rowcount:  # type: ignore[attr-defined]
                raise WrongCredentials
            return await self._open(session, staff_id)

    async def _open(self, session: AsyncSession, staff_id: str) -> str:
        token = secrets.new_token()
        session.add(
            Session(
                token_hash=secrets.token_hash(token),
                staff_id=staff_id,
                service=self.service,
                created_at=clock.now(),
                seen_at=clock.now(),
            )
        )
        return token

    async def whoever(self, token: str) -> Staff | None:
        """The person of a session of this service, or None where it ended."""
        found = (
            select(Session, Account)
            .join(Account, Account.staff_id == Session.staff_id)
            .where(
                Session.token_hash == secrets.token_hash(token),
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
        opened, account, now = row.Session, row.Account, clock.now()
        if now - opened.seen_at > IDLE or now - opened.created_at > ABSOLUTE:
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
            csrf=secrets.csrf_of(token),
            session_id=opened.session_id,
        )

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

    async def speak(self, staff_id: str, language: str) -> None:
        """Set the language of a person's consoles."""
        person = update(Account).where(Account.staff_id == staff_id)
        async with self._writing() as session:
            await session.execute(person.values(language=language))

    async def disable(self, email: str) -> None:
        """Shut a person out, at once and everywhere; raises `NotFound`."""
        known = select(Account).where(Account.email == email.strip().lower())
        async with self._writing() as session:
            account = (await session.execute(known)).scalar_one_or_none()
            if account is None:
                raise NotFound(N_("There is no such account."))
            account.disabled_at = clock.now()
            await session.execute(delete(Session).where(Session.staff_id == account.staff_id))

    async def everybody(self) -> list[tuple[Account, tuple[str, ...]]]:
        """Every account with its roles, by name."""
        async with self._reading() as session:
            accounts = (await session.execute(select(Account).order_by(Account.name))).scalars()
            rows = (await session.execute(select(AccountRole.staff_id, AccountRole.role))).all()
            roles: dict[str, list[str]] = {}
            for staff_id, role in rows:
                roles.setdefault(staff_id, []).append(role)
            return [(a, tuple(sorted(roles.get(a.staff_id, ())))) for a in accounts]

    # --- what is over

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
        """Drop sessions that ended by themselves, and invitations that nobody used in time."""
        async with self._writing() as session:
            for kind, condition in _over().items():
                await session.execute(delete(kind).where(condition))

    # --- going to another console

    async def hand_over(self, staff_id: str, target: str) -> str:
        """A one-time code with which a person arrives at another console within a minute."""
        code = secrets.new_token()
        async with self._writing() as session:
            await session.execute(delete(Handover).where(Handover.expires_at <= clock.now()))
            session.add(
                Handover(
                    code_hash=secrets.token_hash(code),
                    staff_id=staff_id,
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
            return await self._open(session, found.staff_id)
