"""Repairs: what an operator does with dead letters, each noted in the audit trail."""

from collections.abc import AsyncIterator

from cri_shared.bus.consumer import Consumer, describe
from cri_shared.bus.dead_letters import DeadLetters, Letter
from cri_shared.db.database import Database
from cri_shared.errors import NotFound
from cri_shared.identity.audit import note
from cri_shared.identity.staff import Staff
from cri_shared.observe import log
from cri_shared.words import N_

RETRIED, DROPPED = "events.letter.retried", "events.letter.dropped"
REASON_LENGTH = 300  # characters


class NoSuchLetter(NotFound):
    """No dead letter has this event id, or none any more."""

    slug = "no-such-letter"
    message = N_("This letter is no longer here. It was handled, given up or erased.")


class Repairs:
    """Tries dead letters of one service again, or gives them up; twice at once does no harm."""

    def __init__(self, database: Database, consumer: Consumer, letters: DeadLetters) -> None:
        self._database = database
        self._consumer = consumer
        self._letters = letters

    async def open(self, event_id: str) -> Letter:
        """A letter with what is in it. Raises `NoSuchLetter`."""
        async with self._database.reading() as session:
            letter = await self._letters.open(session, event_id)
        if letter is None:
            raise NoSuchLetter
        return letter

    async def retry(self, event_id: str, *, by: Staff | str) -> str | None:
        """Handle a letter again; it is gone when that succeeds, else it says why not.

        Raises `NoSuchLetter`.
        """
        letter = await self.open(event_id)
        failure = await self._handle(letter)
        async with self._database.writing() as work:
            if failure is None:
                await self._letters.drop(work.session, event_id)
            else:
                await self._letters.failed_again(work.session, event_id, failure)
            facts = {"subject": letter.subject, "outcome": failure or "handled"}
            await note(work, RETRIED, event_id, by=by, **facts)
        return failure

    async def retry_all(
        self, *, by: Staff | str, subject: str | None = None
    ) -> AsyncIterator[tuple[str, str | None]]:
        """Retry each letter (of a subject), oldest first; gives (event id, failure or None)."""
        async with self._database.reading() as session:
            rows = await self._letters.listed(session, subject=subject)
        for row in rows:
            try:
                yield row.event_id, await self.retry(row.event_id, by=by)
            except NoSuchLetter:
                continue

    async def drop(self, event_id: str, reason: str, *, by: Staff | str) -> None:
        """Give up a letter: what it said never takes effect here. Raises `NoSuchLetter`.

        The reason, in the operator's words, is kept sealed in the audit trail.
        """
        letter = await self.open(event_id)
        sealed = self._letters.seal_reason(event_id, reason)
        async with self._database.writing() as work:
            await self._letters.give_up(work.session, letter)
            await note(work, DROPPED, event_id, by=by, subject=letter.subject, reason=sealed)
        log.warning("bus.letter.dropped", event_id=event_id, subject=letter.subject)

    async def _handle(self, letter: Letter) -> str | None:
        try:
            await self._consumer.retry(letter)
        except Exception as trouble:  # the edge of the repair: the letter stays
            return describe(trouble)
        return None
