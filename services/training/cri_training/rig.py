"""Training's parts, as its handlers and routes find them."""

from dataclasses import dataclass, field
from typing import Annotated

from cri_shared.privacy.keystore import KeyStore
from cri_shared.service import Service
from cri_shared.web.i18n import Words
from fastapi import Depends, Request

from cri_training.rules.feedback import Closings, Counts
from cri_training.rules.lots import Cut
from cri_training.rules.people import Told
from cri_training.rules.seats import Policy
from cri_training.rules.spoken import Spoken
from cri_training.settings import Settings

KEY_KIND = "sign-up"
CERTIFICATE_KIND = "certificate"


@dataclass
class Rig:
    """The shared parts, the store of the sign-ups' keys, and the words for mails."""

    service: Service
    settings: Settings
    keys: KeyStore
    words: dict[str, Words]
    policy: Policy
    # What may be told, each by what it hangs on: decided over all, it is worked out once for each.
    # Of people, by the last edition of which they are counted;
    people: dict[int, dict[Cut, Told]] = field(default_factory=dict)
    # of what they thought, by the forms that are closed;
    thought: dict[Closings, dict[Cut, Counts]] = field(default_factory=dict)
    # and of obstacles, by these, the texts that are settled and the changes of the code book.
    spoken: dict[tuple[Closings, int, int], Spoken] = field(default_factory=dict)

    @property
    def email_secret(self) -> bytes:
        """The secret of the blind index of addresses."""
        return self.service.ring.secret("participant-emails")

    @property
    def organisation_secret(self) -> bytes:
        """The secret of the blind index of the organisations that people work for."""
        return self.service.ring.secret("participant-organisations")

    @property
    def code_secret(self) -> bytes:
        """The secret without which a stored six-digit code cannot be tried."""
        return self.service.ring.secret("sign-up-codes")

    @property
    def feedback_key(self) -> bytes:
        """The key that seals the texts of feedback."""
        return self.service.ring.secret("feedback")


async def rig_of(request: Request) -> Rig:
    """The parts behind a request."""
    rig: Rig = request.app.state.rig
    return rig


InRig = Annotated[Rig, Depends(rig_of)]
