"""What a form or a body says beside its own fields changes nothing, and is refused where JSON."""

from typing import Any

import httpx
from cri_shared.identity.models import Base as Identities
from cri_shared.identity.policy import ORGANISATION
from cri_shared.identity.store import Identity
from cri_shared.service import Service
from cri_shared.web.forms import FormModel
from sqlalchemy import MetaData, select
from sqlalchemy.ext.asyncio import AsyncSession

from tests.security.roles.cells import OWN, PARAMETER, Person, Stage

MARK = "made-by-mass-assignment"
DONE = (200, 201, 303)


async def planted(stage: Stage) -> list[str]:
    """Send every good form and body with a mark under the name of every column.

    Gives where a form was refused, where a body was not, and where the mark is kept.
    """
    service: Service = stage.app.state.service
    own = service.database.outbox.tables.audit.metadata
    extra = dict.fromkeys(_columns(own, Identities.metadata) - _fields(FormModel), MARK)
    told = []
    for route, (role, fields) in stage.forms.items():
        answer = await _post(stage, _person(stage, role), route, fields | extra)
        told += [] if answer.status_code in DONE else [f"{route}: {answer.status_code}"]
    for route, body in stage.bodies.items():
        answer = await _post(stage, _person(stage, ORGANISATION), route, {**body, **extra})
        named = {error["pointer"].lstrip("/") for error in answer.json().get("errors", ())}
        told += [f"{route} takes {name}" for name in sorted(extra.keys() - named - body.keys())]
    async with service.database.reading() as session:
        told += await _kept(session, own)
    identity: Identity = service.identity
    async with identity._reading() as session:
        told += await _kept(session, Identities.metadata)
    return told


def _columns(*several: MetaData) -> set[str]:
    tables = [table for metadata in several for table in metadata.sorted_tables]
    return {column.name for table in tables for column in table.columns}


def _fields(model: type[FormModel]) -> set[str]:
    own = set(model.model_fields)
    return own.union(*(_fields(kind) for kind in model.__subclasses__()))


def _person(stage: Stage, role: str) -> Person:
    return next(person for person in stage.people if person.role == role)


async def _post(stage: Stage, person: Person, route: str, fields: dict[str, Any]) -> httpx.Response:
    names = stage.names(route, OWN)
    assert names is not None, route
    path = PARAMETER.sub(lambda found: names[found[1]], route.partition(" ")[2])
    if path.startswith("/api/"):
        return await person.client.post(path, json=fields, headers=person.headers)
    csrf = {"csrf": person.staff.csrf} if person.staff else {}
    return await person.client.post(path, data=fields | csrf, headers=person.headers)


async def _kept(session: AsyncSession, metadata: MetaData) -> list[str]:
    told = []
    for table in metadata.sorted_tables:
        for row in (await session.execute(select(table))).mappings():
            told += [f"{table.name}.{name}" for name, value in row.items() if MARK in str(value)]
    return told
