"""The identity store's database, and that it may be away."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from cri_shared.db.engine import make_engine
from cri_shared.db.limits import Limits
from cri_shared.identity.models import Account
from cri_shared.identity.passkeys import Challenges
from cri_shared.identity.passwords import PasswordRules
from cri_shared.identity.refusals import StoreAway
from cri_shared.observe import log
from cri_shared.privacy.keys import KeyRing


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


class Store:
    """The database of accounts and sessions as one service reaches it."""

    def __init__(
        self,
        url: str,
        ring: KeyRing,
        *,
        service: str,
        limits: Limits = Limits(),
        together: bool = False,
        passwords: PasswordRules | None = None,
    ) -> None:
        self.url = url
        self.service = service
        self.together = together  # whether one person may have roles that are apart
        self.passwords = passwords or PasswordRules()
        self._engine = make_engine(url, limits)
        self._sessions = async_sessionmaker(self._engine, expire_on_commit=False)
        self._key = ring.secret("totp")
        self._session_key = ring.secret("sessions")
        self._challenges = Challenges(ring.secret("passkeys"))

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
