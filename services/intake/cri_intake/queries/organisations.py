"""Partner organisations: who they are, and what each may read, its own cases and no others."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from cri_shared import clock
from cri_shared.db import Database, Seek, UtcDateTime
from cri_shared.errors import NotFound
from cri_shared.identity.passwords import names_in
from cri_shared.privacy.receipts import form_fingerprint
from cri_shared.privacy.vault import open_sealed
from sqlalchemy import bindparam, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from cri_intake.models import (
    ApiKey,
    Case,
    Helper,
    HelperMayNot,
    IdempotencyRecord,
    PartnerOrganisation,
)
from cri_intake.models.base import table_of
from cri_intake.queries.cursors import cursor_of, read_instant
from cri_intake.rig import Rig
from cri_intake.rules import REPLAY_DAYS

PAGE = 50
_RECORDS = table_of(IdempotencyRecord)
_EARLIER = Seek(
    select(_RECORDS.c.question_id, _RECORDS.c.body_mac, _RECORDS.c.response_sealed).where(
        _RECORDS.c.organisation_id == bindparam("organisation"),
        _RECORDS.c.key == bindparam("its_key"),
        _RECORDS.c.created_at > bindparam("since"),
    )
)


async def names_of_organisations(session: AsyncSession) -> list[str]:
    """The names of partner organisations, whole and in parts, and those of their mail's hosts."""
    found = select(PartnerOrganisation.name, PartnerOrganisation.email)
    rows = (await session.execute(found)).all()
    hosts = (f"@{email.rpartition('@')[2]}" for _name, email in rows if email)
    return [*(name for name, _email in rows), *names_in(*(row.name for row in rows), *hosts)]


class NotTheirs(NotFound):
    """A case of another organisation, or none: the two look the same from outside."""

    counted = "thing.refused"

    def __init__(self, organisation_id: str) -> None:
        super().__init__()
        self.about = organisation_id


class Remembered(NamedTuple):
    """An earlier request: which question it recorded, its fingerprint, and its sealed answer."""

    question_id: str
    body_mac: bytes
    response_sealed: bytes


async def remembered(database: Database, organisation_id: str, key: str) -> Remembered | None:
    """An earlier request with the same idempotency key, at most three days old."""
    since = clock.now() - dt.timedelta(days=REPLAY_DAYS)
    rows = await database.seek(_EARLIER, organisation=organisation_id, its_key=key, since=since)
    return Remembered(*rows[0]) if rows else None


async def response_of(rig: Rig, record: Remembered) -> str:
    """The stored answer of a request."""
    key = await rig.keys.get("case", record.question_id)
    place = f"case:{record.question_id}/response"
    return open_sealed(key, record.response_sealed, place).decode()


async def name_behind(session: AsyncSession, case: Case) -> str | None:
    """The name of the organisation that posted a case, or None."""
    named = select(PartnerOrganisation.name).where(
        PartnerOrganisation.organisation_id == case.organisation_id
    )
    return (await session.execute(named)).scalar_one_or_none()


@dataclass(frozen=True)
class Followed:
    """A case that an organisation follows, and what it may do: own, write or read."""

    case: Case
    may: str

    def must_write(self) -> None:
        """Raises `HelperMayNot` where the asker lets it read alone."""
        if self.may == "read":
            raise HelperMayNot

    def must_own(self) -> None:
        """Raises `HelperMayNot` where somebody else asked it."""
        if self.may != "own":
            raise HelperMayNot


async def case_of_organisation(
    session: AsyncSession, organisation_id: str, question_id: str
) -> Followed:
    """A case that an organisation posted or was handed; raises `NotTheirs` for all others."""
    case = await session.get(Case, question_id)
    helper = await session.get(Helper, (question_id, organisation_id))
    if case is None or (case.organisation_id != organisation_id and helper is None):
        raise NotTheirs(organisation_id)
    own = case.organisation_id == organisation_id
    return Followed(case, "own" if own or helper is None else helper.may)


async def cases_of_organisation(
    session: AsyncSession, organisation_id: str, after: str | None
) -> tuple[list[Case], str | None]:
    """A page of the cases that it posted or was handed, newest first, and the next one's cursor.

    The page begins after a cursor; raises `CursorUnknown`. On the last page the next is None.
    """
    handed = Helper.organisation_id == organisation_id
    # Each alone, so that an index gives it in its order; together they would be read in full.
    found: dict[str, Case] = {}
    for theirs in (
        select(Case).where(Case.organisation_id == organisation_id),
        select(Case).join(Helper, Helper.question_id == Case.question_id).where(handed),
    ):
        place = (Case.received_at, Case.question_id)
        newest = theirs.order_by(*(column.desc() for column in place)).limit(PAGE + 1)
        if after is not None:
            at, question_id = read_instant(after)
            last = tuple_(literal(at, UtcDateTime), literal(question_id))
            newest = newest.where(tuple_(*place) < last)
        found |= {case.question_id: case for case in (await session.execute(newest)).scalars()}
    cases = sorted(found.values(), key=lambda case: (case.received_at, case.question_id))[::-1]
    if len(cases) <= PAGE:
        return cases, None
    end = cases[PAGE - 1]
    return cases[:PAGE], cursor_of(end.received_at, end.question_id)


@dataclass(frozen=True)
class Known:
    """An organisation with its keys, newest first."""

    organisation: PartnerOrganisation
    keys: list[ApiKey]

    @property
    def live(self) -> list[ApiKey]:
        """The keys that open something."""
        return [key for key in self.keys if key.is_live]


async def every_organisation(session: AsyncSession) -> list[Known]:
    """All organisations with their keys, by name."""
    found = (await session.execute(select(PartnerOrganisation))).scalars().all()
    keys = await _keys(session, [one.organisation_id for one in found])
    by_name = sorted(found, key=lambda one: one.name.casefold())
    return [
        Known(one, [key for key in keys if key.organisation_id == one.organisation_id])
        for one in by_name
    ]


async def known(session: AsyncSession, organisation_id: str) -> Known:
    """One organisation with its keys; raises `NotFound`."""
    organisation = await session.get(PartnerOrganisation, organisation_id)
    if organisation is None:
        raise NotFound
    return Known(organisation, await _keys(session, [organisation_id]))


async def _keys(session: AsyncSession, organisation_ids: Collection[str]) -> list[ApiKey]:
    own = select(ApiKey).where(ApiKey.organisation_id.in_(organisation_ids))
    newest = own.order_by(ApiKey.created_at.desc(), ApiKey.key_id)
    return list((await session.execute(newest)).scalars())


async def organisation_of_form(session: AsyncSession, form_id: str) -> PartnerOrganisation | None:
    """The organisation that a form was sent for already, or None."""
    sent = PartnerOrganisation.form_id == form_fingerprint(form_id)
    return (await session.execute(select(PartnerOrganisation).where(sent))).scalar_one_or_none()


async def key_of(session: AsyncSession, organisation_id: str, key_id: str) -> ApiKey:
    """One of an organisation's keys; raises `NotFound` for another's as for none."""
    key = await session.get(ApiKey, key_id)
    if key is None or key.organisation_id != organisation_id:
        raise NotFound
    return key
