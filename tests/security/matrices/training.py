"""The doors of training: proofs of an address, one's own sign-up, and feedback without a name."""

import datetime as dt
import itertools
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from pathlib import Path

from cri_shared import clock
from cri_shared.db import new_id
from cri_shared.errors import NotFound
from cri_shared.identity.secrets import new_token, token_hash
from cri_shared.web.forms import TOKEN_LIFE_SECONDS
from cri_training.actions import certificates as issuing
from cri_training.models import Ballot, Certificate, Edition, SignUp
from cri_training.models.desks import LINK_LIFE
from cri_training.pages.certificates import UNKNOWN_CODE, UnknownCertificate
from cri_training.pages.desk import DeskOver
from cri_training.pages.sign_up import CODE_WRONG, LinkOver
from cri_training.queries import certificates, sign_ups
from cri_training.queries.feedback import FeedbackClosed
from cri_training.rules.seats import Policy
from fastapi import FastAPI
from sqlalchemy import select

from tests.security.matrices.doors import Door, Key, Says, Way, Where
from tests.training.conftest import NOW, Training, link_in, own_token, start, text_of
from tests.training.test_afterwards import held
from tests.training.test_desk import organisation, person_at, send_link

LATER = {"date_1": "2027-01-20", "capacity": "300"}
TITLE = "Talking about return"
OVER = Says(404, LinkOver.message)
NOTHING = Says(404, NotFound.message)
SPENT = "This link was used"
TOO_LONG_OPEN = Says(422, "This page was open for too long")
_OWN = {"kind": "own", "where": Where.PATH, "name": "token", "refuses": OVER}
DESK_OVER = Says(404, DeskOver.message)
_DESK = {"kind": "desk", "where": Where.PATH, "name": "token", "refuses": DESK_OVER}
_COLLEAGUE = {**_DESK, "kind": "colleague"}
_AT_DESK = Says(303, to="/en/organisation/")
_NO_END = {
    Way.EXPIRED: "good until the sign-up goes, which `tests/training/test_keeping.py` shows",
    Way.REVOKED: "nobody takes a page of one's own away",
}
REVOKED = Says(200, "This certificate was revoked.")
_IN_ITS_TIME = {Way.EXPIRED: "after years, which `tests/training/test_certificates.py` shows"}
_BY_ITSELF = {Way.REVOKED: "it ends by itself, after a day"}

DOORS = (
    Door(
        "GET /{lang}/sign-up/confirm/{token}",
        "confirm",
        Where.PATH,
        "token",
        opens=Says(200, "Yes, this is my address"),
        refuses=OVER,
        again=frozenset({Way.REPLAYED, Way.ANOTHERS}),
        cannot=_BY_ITSELF,
    ),
    Door(
        "POST /{lang}/sign-up/confirm/{token}",
        "confirm",
        Where.PATH,
        "token",
        opens=Says(303, to="/en/sign-up/done/"),
        refuses=OVER,
        otherwise={Way.REPLAYED: Says(303, to="/en/sign-up/done/")},
        again=frozenset({Way.ANOTHERS}),
        cannot=_BY_ITSELF,
    ),
    Door(
        "POST /{lang}/sign-up/{edition_id}/code/{sign_up_id}",
        "code",
        Where.FIELD,
        "code",
        opens=Says(303, to="/en/sign-up/done/"),
        refuses=Says(422, CODE_WRONG),
        otherwise={
            Way.REPLAYED: Says(303, to="/en/sign-up/done/"),
            Way.EXPIRED: OVER,
            Way.EMPTY: Says(422, "Type the six digits from our mail"),
            Way.LONG: Says(422, "Type the six digits from our mail"),
        },
        cannot=_BY_ITSELF,
        counts=frozenset({"sign_ups.tries"}),
        fresh=True,
        longest=40,
        unknown=lambda: "000000",
    ),
    *(
        Door(
            f"GET /{{lang}}/sign-up/{page}",
            opens=Says(200, shown),
            again=frozenset({Way.REPLAYED, Way.ANOTHERS}),
            cannot=_NO_END,
            **_OWN,
        )
        for page, shown in (
            ("done/{token}", "You have a place"),
            ("manage/{token}", "Your sign-up"),
            ("manage/{token}/calendar.ics", "BEGIN:VCALENDAR"),
        )
    ),
    Door(
        "POST /{lang}/sign-up/manage/{token}/cancel",
        opens=Says(303, to="/en/sign-up/manage/"),
        otherwise={Way.REPLAYED: Says(303, to="/en/sign-up/manage/")},
        again=frozenset({Way.ANOTHERS}),
        cannot=_NO_END,
        **_OWN,
    ),
    Door(
        "POST /{lang}/sign-up/manage/{token}/keep",
        opens=Says(303, to="/en/sign-up/manage/"),
        otherwise={Way.REPLAYED: Says(303, to="/en/sign-up/manage/")},
        again=frozenset({Way.ANOTHERS}),
        cannot=_NO_END,
        **_OWN,
    ),
    Door(
        "POST /{lang}/sign-up/manage/{token}/hand-on",
        opens=Says(303, to="/en/sign-up/manage/"),
        otherwise={Way.REPLAYED: Says(303, to="/en/sign-up/manage/")},
        again=frozenset({Way.ANOTHERS}),
        cannot=_NO_END,
        **{**_OWN, "kind": "handing on"},
    ),
    *(
        Door(
            f"POST /{{lang}}/sign-up/manage/{{token}}/{what}",
            opens=Says(303, to="/en/sign-up/manage/"),
            otherwise={
                Way.REPLAYED: Says(303, to="/en/sign-up/manage/"),
                Way.EXPIRED: Says(409, "This offer has ended."),
                Way.REVOKED: Says(409, "There is no offer to answer at the moment."),
            },
            again=frozenset({Way.ANOTHERS}),
            **{**_OWN, "kind": "offer"},
        )
        for what in ("accept", "decline")
    ),
    *(
        Door(
            f"GET /{{lang}}/organisation/{{token}}{page}",
            opens=Says(200, "Sign colleagues up"),
            again=frozenset({Way.REPLAYED, Way.ANOTHERS}),
            **_DESK,
        )
        for page in ("", "/{edition_id}")
    ),
    Door(
        "POST /{lang}/organisation/{token}/{edition_id}",
        opens=_AT_DESK,
        otherwise={Way.REPLAYED: _AT_DESK},
        again=frozenset({Way.ANOTHERS}),
        **_DESK,
    ),
    Door(
        "GET /{lang}/organisation/{token}/{edition_id}/{sign_up_id}",
        opens=Says(200, "Ann Voorbeeld"),
        otherwise={Way.ANOTHERS: NOTHING},
        again=frozenset({Way.REPLAYED}),
        **_COLLEAGUE,
    ),
    *(
        Door(
            f"POST /{{lang}}/organisation/{{token}}/{{edition_id}}/{{sign_up_id}}/{what}",
            opens=_AT_DESK,
            otherwise={Way.REPLAYED: _AT_DESK, Way.ANOTHERS: NOTHING},
            **_COLLEAGUE,
        )
        for what in ("cancel", "keep", "hand-on")
    ),
    Door(
        "POST /{lang}/sign-up/{edition_id}",
        "form",
        Where.FIELD,
        "form_token",
        opens=Says(303, to="/en/sign-up/"),
        refuses=TOO_LONG_OPEN,
        otherwise={Way.REPLAYED: Says(303, to="/en/sign-up/")},
        again=frozenset({Way.ANOTHERS}),
        cannot=_BY_ITSELF,
    ),
    Door(
        "GET /{lang}/certificates/verify/{code}",
        "certificate",
        Where.PATH,
        "code",
        opens=Says(200, "This certificate is valid"),
        refuses=Says(404, UnknownCertificate.message),
        otherwise={Way.REVOKED: REVOKED},
        again=frozenset({Way.REPLAYED, Way.ANOTHERS}),
        cannot=_IN_ITS_TIME,
    ),
    Door(
        "POST /{lang}/certificates/verify",
        "certificate",
        Where.FIELD,
        "code",
        opens=Says(200, "This certificate is valid"),
        refuses=Says(422, UNKNOWN_CODE),
        otherwise={
            Way.REVOKED: REVOKED,
            Way.EMPTY: Says(422, "Type the code below the square"),
            Way.LONG: Says(422, "Type the code below the square"),
        },
        again=frozenset({Way.REPLAYED, Way.ANOTHERS}),
        cannot=_IN_ITS_TIME,
        longest=60,
    ),
    Door(
        "GET /{lang}/sign-up/manage/{token}/certificate.pdf",
        opens=Says(200, "%PDF"),
        otherwise={Way.REVOKED: Says(404, "There is no certificate for you here.")},
        again=frozenset({Way.REPLAYED, Way.ANOTHERS}),
        cannot=_IN_ITS_TIME,
        **{**_OWN, "kind": "paper"},
    ),
    Door(
        "GET /{lang}/feedback/{code}/{ticket}",
        "ticket",
        Where.PATH,
        "ticket",
        opens=Says(200, "How useful was it"),
        refuses=Says(200, SPENT),
        otherwise={Way.EXPIRED: Says(409, FeedbackClosed.message)},
        again=frozenset({Way.REPLAYED}),
        cannot={Way.REVOKED: "who came may answer, until the form closes"},
    ),
    Door(
        "POST /{lang}/feedback/{code}",
        "ticket",
        Where.FIELD,
        "ticket",
        opens=Says(200, "Thank you"),
        refuses=Says(409, SPENT),
        otherwise={
            Way.EXPIRED: Says(409, FeedbackClosed.message),
            Way.LONG: Says(422, "What did you think?"),
        },
        longest=64,
        cannot={Way.REVOKED: "who came may answer, until the form closes"},
    ),
    Door(
        "GET /{lang}/feedback/{code}",
        "feedback form",
        Where.PATH,
        "code",
        opens=Says(200, "This is the form to read."),
        refuses=NOTHING,
        otherwise={Way.EXPIRED: Says(409, FeedbackClosed.message)},
        again=frozenset({Way.REPLAYED, Way.ANOTHERS}),
        cannot={Way.REVOKED: "it is for everybody, until it closes"},
    ),
)
KEEPS = {
    "confirm": frozenset({"sign_ups.link_hash"}),
    "code": frozenset({"sign_ups.code_mac", "cri_training.pages.sign_up.CodeForm.code"}),
    "own": frozenset({"sign_ups.manage_hash"}),
    "handing on": frozenset({"sign_ups.manage_hash"}),
    "offer": frozenset({"sign_ups.manage_hash"}),
    "desk": frozenset({"organisation_desks.token_hash"}),
    "colleague": frozenset({"organisation_desks.token_hash"}),
    "form": frozenset({"cri_shared.web.forms"}),
    "ticket": frozenset({"ballots.ticket_hash", "cri_training.pages.feedback.FeedbackForm.ticket"}),
    "feedback form": frozenset(),
    "certificate": frozenset(
        {"certificates.code_hash", "cri_training.pages.certificates.CertificateForm.code"}
    ),
    "paper": frozenset({"sign_ups.manage_hash"}),
}


LIFE = {
    "confirm": Policy.proof,
    "code": Policy.proof,
    "own": Policy.proof,
    "handing on": Policy.proof,
    "offer": Policy.offer,
    "desk": LINK_LIFE,
    "colleague": LINK_LIFE,
    "form": dt.timedelta(seconds=TOKEN_LIFE_SECONDS + 1),
    "ticket": Policy.feedback,
    "feedback form": Policy.feedback,
    "certificate": Policy.feedback,
    "paper": Policy.feedback,
}


@dataclass
class Trainings:
    """Training with one workshop that is to come, and two that are over."""

    training: Training
    edition_id: str
    over: Iterator[str]  # the codes of the forms of those that were held
    numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def app(self) -> FastAPI:
        """The service."""
        return self.training.app

    async def make(self, kind: str) -> Key:
        """A fresh secret of a kind."""
        match kind:
            case "confirm" | "code":
                return await self._proof(kind)
            case "own":
                return Key((await self._signed_up(self.edition_id))[0], thing=TITLE)
            case "desk" | "colleague":
                return await self._desk(kind)
            case "handing on":
                return await self._handing_on()
            case "offer":
                return await self._offer()
            case "form":
                return await self._form()
            case "ticket":
                return await self._ticket()
            case "certificate":
                return await self._certificate(new_id())
            case "paper":
                return await self._paper()
        return Key(next(self.over), thing=TITLE)

    async def revoke(self, kind: str, key: Key) -> None:
        """A trainer ends a link; who was offered a place does not want to come any more;
        a certificate is not valid.
        """
        if kind in ("certificate", "paper"):
            await self._revoke(key)
        elif key.about:
            await self.training.post(f"/console/organisations/{key.about}/desk/withdraw")
        else:
            await self._cancel(key)

    async def _cancel(self, key: Key) -> None:
        await self.training.public.post(f"/en/sign-up/manage/{key.secret}/cancel")

    async def later(self, kind: str) -> None:
        """Nothing that these doors wait for."""

    async def _asked(self, edition_id: str) -> tuple[str, str]:
        """(the address that leads to the page for the code, the words of the mail)."""
        email = f"person{next(self.numbers)}@exempel.example"
        asked = await self.training.ask(edition_id, email)
        return asked.headers["location"], await self._newest_to(email)

    async def _newest_to(self, email: str) -> str:
        """The words of the newest mail, which goes there."""
        while await self.training.rig.service.clockwork.do_jobs():
            pass
        mails = (self.training.directory / "mail").glob("*.eml")
        newest = max(mails, key=lambda file: file.stat().st_mtime_ns)
        mail = message_from_bytes(newest.read_bytes(), policy=policy.default)
        assert mail["To"] == email
        return text_of(mail)

    async def _proof(self, kind: str) -> Key:
        page, words = await self._asked(self.edition_id)
        if kind == "confirm":
            return Key(link_in(words).rpartition("/")[2], thing=TITLE)
        code = re.search(r"\b(\d{3}) (\d{3})\b", words)
        assert code is not None
        names = {"edition_id": self.edition_id, "sign_up_id": page.rpartition("/")[2]}
        return Key(code[1] + code[2], names)

    async def _signed_up(self, edition_id: str) -> tuple[str, str]:
        _, words = await self._asked(edition_id)
        return own_token(await self.training.public.post(link_in(words))), words

    async def _handing_on(self) -> Key:
        """A place, and the form that names somebody else."""
        own = (await self._signed_up(self.edition_id))[0]
        token = await self.training.token(f"/en/sign-up/manage/{own}")
        email = f"person{next(self.numbers)}@exempel.example"
        fields = {"form_token": token, "name": "Bert Voorbeeld", "email": email, "language": "en"}
        return Key(own, fields=fields)

    async def _desk(self, kind: str) -> Key:
        """The desk of an organisation, and for some doors one of its people who has a place."""
        number = next(self.numbers)
        organisation_id = await organisation(self.training, f"Huis {number}")
        contact, email = f"contact{number}@huis.example", f"ann{number}@huis.example"
        await send_link(self.training, organisation_id, email=contact)
        desk = link_in(await self._newest_to(contact), "organisation")
        page = f"{desk}/{self.edition_id}"
        form = {
            "form_token": await self.training.token(page),
            "people": f"Ann Voorbeeld; {email}",
            "language": "en",
        }
        secret, names = desk.rpartition("/")[2], {"edition_id": self.edition_id}
        if kind == "desk":
            return Key(secret, names, form, about=organisation_id)
        await self.training.public.post(page, data=form)
        await self.training.public.post(link_in(await self._newest_to(email)))
        person = await person_at(self.training, desk, self.edition_id, "Ann Voorbeeld")
        names["sign_up_id"] = person.rpartition("/")[2]
        fields = {
            "form_token": await self.training.token(person),
            "name": "Bert Voorbeeld",
            "email": f"bert{number}@huis.example",
            "language": "en",
        }
        return Key(secret, names, fields, about=organisation_id)

    async def _offer(self) -> Key:
        """Somebody left the only place, which is the next one's to take."""
        edition_id = await self.training.edition(**LATER | {"capacity": "1"})
        first, second = [(await self._signed_up(edition_id))[0] for _ in range(2)]
        await self.training.public.post(f"/en/sign-up/manage/{first}/cancel")
        return Key(second)

    async def _form(self) -> Key:
        fields = {
            "name": "Noor Exempelaere",
            "organisation": "Voorbeeldhuis",
            "email": f"person{next(self.numbers)}@exempel.example",
            "language": "en",
        }
        token = await self.training.token(f"/en/sign-up/{self.edition_id}")
        return Key(token, {"edition_id": self.edition_id}, fields)

    async def _certificate(self, sign_up_id: str) -> Key:
        """A certificate of somebody who was there."""
        rig = self.training.rig
        async with rig.service.database.writing() as work:
            await issuing.add(work, rig, self.edition_id, sign_up_id, "Ann Exempel", 180)
            await work.session.flush()
            issued = await certificates.of_sign_up(work.session, rig, sign_up_id)
        assert issued is not None
        assert issued.code is not None
        return Key(issued.code, thing=TITLE)

    async def _paper(self) -> Key:
        token, _ = await self._signed_up(self.edition_id)
        async with self.training.rig.service.database.reading() as session:
            _, sign_up = await sign_ups.own(session, token)
        await self._certificate(sign_up.sign_up_id)
        return Key(token)

    async def _revoke(self, key: Key) -> None:
        rig, hashes = self.training.rig, (token_hash(key.secret),)
        own = select(SignUp.sign_up_id).where(SignUp.manage_hash.in_(hashes))
        which = Certificate.code_hash.in_(hashes) | Certificate.sign_up_id.in_(own)
        async with rig.service.database.writing() as work:
            (one,) = (await work.session.execute(select(Certificate).where(which))).scalars()
            by = self.training.staff
            await issuing.revoke(work, rig, one.edition_id, one.certificate_id, "Elsewhere", by=by)

    async def _ticket(self) -> Key:
        """One more right to answer, as those who were there have one."""
        code, ticket = next(self.over), new_token()
        async with self.training.rig.service.database.writing() as work:
            found = select(Edition.edition_id).where(Edition.feedback_code == code)
            edition_id = (await work.session.execute(found)).scalar_one()
            work.session.add(Ballot(ticket_hash=token_hash(ticket), edition_id=edition_id))
        return Key(ticket, {"code": code}, {"useful": "4"})


@asynccontextmanager
async def house(directory: Path, **stores: str) -> AsyncIterator[Trainings]:
    """Training, the morning after two workshops."""
    with clock.frozen(NOW):
        async for training in start(directory, **stores):
            over = await held(training, ["ann@exempel.example"], ["bob@exempel.example"])
            codes = [links[0].rpartition("/")[0].rpartition("/")[2] for _, links in over]
            edition_id = await training.edition(**LATER)
            yield Trainings(training, edition_id, itertools.cycle(codes))
