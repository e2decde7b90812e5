"""The passkeys of staff: added, used to sign in or as a proof, taken away."""

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from cri_shared import clock
from cri_shared.identity import secrets
from cri_shared.identity.models import CHALLENGE, Account, Passkey, SpentChallenge
from cri_shared.identity.passkeys import (
    SIGN_IN,
    Answer,
    PasskeyWrong,
    Site,
    options_to_add,
    options_to_use,
)
from cri_shared.identity.refusals import WrongCredentials
from cri_shared.identity.staff import Staff
from cri_shared.identity.store.sessions import Sessions


class Passkeys(Sessions):
    """Which passkeys there are, and who they let in."""

    async def passkeys_of(self, staff_id: str, site: Site | None = None) -> list[Passkey]:
        """A person's passkeys, oldest first: all, or those that work at a site."""
        own = select(Passkey).where(Passkey.staff_id == staff_id).order_by(Passkey.created_at)
        if site is not None:
            own = own.where(Passkey.domain == site.domain)
        async with self._reading() as session:
            return list((await session.execute(own)).scalars())

    async def options_to_add(self, staff: Staff, site: Site) -> str:
        """What the browser is asked for another passkey of a person."""
        known = [key.credential_id for key in await self.passkeys_of(staff.staff_id, site)]
        return options_to_add(
            site,
            self._challenges.new(_adding(staff)),
            staff_id=staff.staff_id,
            email=staff.email,
            name=staff.name,
            known=known,
        )

    async def add_passkey(
        self, staff: Staff, site: Site, said: str, name: str, *, end_others: bool = False
    ) -> bool:
        """Keep a passkey that a browser made, and end the other sessions; False where it is done.

        Raises `PasskeyWrong`.
        """
        answer = Answer.read(said)
        if not self._challenges.holds(answer.challenge, _adding(staff)):
            raise PasskeyWrong
        public_key, count = answer.key_made(site)
        made = Passkey(
            credential_id=answer.credential_id,
            staff_id=staff.staff_id,
            domain=site.domain,
            public_key=public_key,
            sign_count=count,
            name=name,
            created_at=clock.now(),
        )
        try:
            async with self._writing() as session:
                session.add(made)
                if end_others:
                    await self._end_others(session, staff)
        except IntegrityError:  # a second click, or somebody else's
            known = {key.credential_id for key in await self.passkeys_of(staff.staff_id)}
            if answer.credential_id not in known:
                raise PasskeyWrong from None
            return False
        return True

    async def drop_passkey(
        self, staff: Staff, passkey_id: str, *, end_others: bool = False
    ) -> bool:
        """Take away one of one's own passkeys, and end the others; False where it is none."""
        own = (Passkey.staff_id == staff.staff_id) & (Passkey.passkey_id == passkey_id)
        async with self._writing() as session:
            gone = await session.execute(delete(Passkey).where(own))
            if end_others:
                await self._end_others(session, staff)
            return bool(gone.rowcount)  # type: ignore[attr-defined]

    def options_to_sign_in(self, site: Site) -> str:
        """What the browser of a stranger is asked: any passkey that it has for the site."""
        return options_to_use(site, self._challenges.new(SIGN_IN), [])

    async def sign_in_by_passkey(self, site: Site, said: str) -> str:
        """A new session's token; raises `PasskeyWrong` or `WrongCredentials`."""
        answer = Answer.read(said)
        async with self._writing() as session:
            key = await self._used(session, site, answer, SIGN_IN)
            account = await session.get_one(Account, key.staff_id)
            if account.disabled_at is not None:
                raise WrongCredentials
            return await self._open(session, key.staff_id, clock.now())

    async def options_to_prove(self, staff: Staff, site: Site) -> str | None:
        """What the browser is asked as a proof, or None where the person has no passkey here."""
        known = [key.credential_id for key in await self.passkeys_of(staff.staff_id, site)]
        challenge = self._challenges.new(_proving(staff))
        return options_to_use(site, challenge, known) if known else None

    async def prove_by_passkey(self, staff: Staff, site: Site, said: str) -> str:
        """Show with a passkey that one is still there: the new token. Raises `PasskeyWrong`."""
        answer = Answer.read(said)
        async with self._writing() as session:
            key = await self._used(session, site, answer, _proving(staff))
            if key.staff_id != staff.staff_id:
                raise PasskeyWrong
            return await self._renew(session, staff)

    async def _used(
        self, session: AsyncSession, site: Site, answer: Answer, purpose: str
    ) -> Passkey:
        """The passkey that gave this answer; its challenge is good for nothing from now on."""
        known = select(Passkey).where(
            Passkey.credential_id == answer.credential_id, Passkey.domain == site.domain
        )
        key = (await session.execute(known.with_for_update())).scalar_one_or_none()
        spent = secrets.token_hash(answer.challenge.hex())
        if (
            key is None
            or not self._challenges.holds(answer.challenge, purpose)
            or await session.get(SpentChallenge, spent) is not None
        ):
            raise PasskeyWrong
        key.sign_count = answer.count_signed(site, key.public_key, key.sign_count)
        key.used_at = clock.now()
        session.add(SpentChallenge(challenge_hash=spent, expires_at=clock.now() + CHALLENGE))
        return key


def _adding(staff: Staff) -> str:
    return f"add:{staff.staff_id}"


def _proving(staff: Staff) -> str:
    return f"prove:{staff.session_id}"
