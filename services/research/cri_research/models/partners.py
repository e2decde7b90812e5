"""Partners: what they can take on in the open, who they are sealed under a key of their own."""

import datetime as dt

from cri_shared import clock
from cri_shared.db import UtcDateTime, new_id
from cri_shared.errors import Refusal
from cri_shared.places.languages import INTERFACE_LANGUAGES
from cri_shared.privacy.classes import C1, C4, Digest, K, KeyOf
from cri_shared.privacy.keeping import Ground, Setting, kept
from cri_shared.words import N_
from sqlalchemy import JSON, Date, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from cri_research.models.base import Base
from cri_research.rules.matching import in_force


class AlreadySo(Refusal):
    """Somebody did the same a moment ago."""

    slug = "already-so"
    message = N_("This was done already.")


class Partner(Base):
    """An organisation or a researcher in the country; who it is opens with its own key only."""

    __tablename__ = "partners"
    __table_args__ = kept(
        "whom to ask about a country, and how to reach them",
        Ground.AGREEMENT,
        until="after the agreement ended",
        span=Setting("keep_partners_days"),
        duty="retention.partners",
        then="who it is is deleted and its key destroyed; the random partner_id and what it did "
        "stay",
    )

    partner_id: Mapped[str] = mapped_column(
        String(32), primary_key=True, default=new_id, info=C1.info
    )
    form_id: Mapped[str | None] = mapped_column(String(32), unique=True, info=C1.info)
    kind: Mapped[str] = mapped_column(String(16), info=C1.info)  # organisation or individual
    name_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C4.sealed(KeyOf.PARTNER))
    email_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=C4.sealed(KeyOf.PARTNER))
    reach_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C4.sealed(KeyOf.PARTNER))
    notes_sealed: Mapped[bytes | None] = mapped_column(LargeBinary, info=C4.sealed(KeyOf.PARTNER))
    countries: Mapped[list[str]] = mapped_column(JSON, info=C1.info)
    home_country: Mapped[str] = mapped_column(String(2), info=C1.info)  # its working days count
    regions: Mapped[list[str]] = mapped_column(JSON, default=list, info=C1.info)
    topics: Mapped[list[str]] = mapped_column(JSON, default=list, info=C1.info)
    languages: Mapped[list[str]] = mapped_column(JSON, default=list, info=C1.info)
    capacity: Mapped[int] = mapped_column(default=3, info=C1.info)
    risk: Mapped[str] = mapped_column(String(8), default="normal", info=C1.info)  # normal, high
    visibility: Mapped[str] = mapped_column(String(8), default="local", info=C1.info)
    agreement_from: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    agreement_until: Mapped[dt.date | None] = mapped_column(Date, info=C1.info)
    suspended_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    suspended_why: Mapped[str | None] = mapped_column(String(16), info=C1.info)
    pin_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32), info=K.digest(Digest.SECRET))
    erased_at: Mapped[dt.datetime | None] = mapped_column(UtcDateTime, info=C1.info)
    created_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)
    changed_at: Mapped[dt.datetime] = mapped_column(UtcDateTime, info=C1.info)

    @property
    def is_available(self) -> bool:
        """Whether it may be sent questions today."""
        held = in_force(self.agreement_from, self.agreement_until, clock.today())
        return held and self.suspended_at is None and self.erased_at is None

    @property
    def lacks_pin(self) -> bool:
        """Whether its risk asks for a PIN that nobody made yet."""
        return self.risk == "high" and self.pin_hash is None

    @property
    def page_language(self) -> str:
        """The interface language for its mails and page: the first that it reads."""
        return next((tag for tag in self.languages if tag in INTERFACE_LANGUAGES), "en")

    def suspend(self, why: str) -> None:
        """Send it nothing for now; raises `AlreadySo`."""
        if self.suspended_at is not None:
            raise AlreadySo
        self.suspended_at, self.suspended_why = clock.now(), why
        self.changed_at = clock.now()

    def resume(self) -> None:
        """Let it take questions again; raises `AlreadySo`."""
        if self.suspended_at is None:
            raise AlreadySo
        self.suspended_at, self.suspended_why = None, None
        self.changed_at = clock.now()


class CountryState(Base):
    """What is known of a country: whether a partner is there, and how questions are sent."""

    __tablename__ = "countries"
    __table_args__ = kept(
        "whether questions about a country can be sent",
        Ground.NOBODY,
    )

    country: Mapped[str] = mapped_column(String(2), primary_key=True, info=C1.info)
    partner_state: Mapped[str] = mapped_column(String(12), default="none", info=C1.info)
    automatic: Mapped[bool | None] = mapped_column(info=C1.info)  # None: as the setting says
    desk_id: Mapped[str | None] = mapped_column(String(32), info=C1.info)  # whose country it is
    version: Mapped[int] = mapped_column(default=0, info=C1.info)
    # How often a partner of it may have become free; and of these, all that the policy looked at.
    room_made: Mapped[int] = mapped_column(default=0, info=C1.info)
    room_seen: Mapped[int] = mapped_column(default=0, info=C1.info)
