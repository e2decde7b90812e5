"""What mails are made of: public facts of the edition and links, nothing about the person."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from cri_shared.mail import Mail
from cri_shared.web.i18n import Words
from cri_shared.words import N_

from cri_training.calendars import Diary
from cri_training.models import Edition, Material, SignUp, Sitting


@dataclass(frozen=True)
class Addressed:
    """Everything a mail to one person about one edition needs.

    `invited` says that the edition is in their calendar already, `certified` that they heard of a
    certificate before. What is on their page stays there until `kept_until`.
    """

    words: Words
    edition: Edition
    sign_up: SignUp
    email: str
    sender: str
    edition_url: str
    manage_url: str
    check_in_url: str
    kept_until: dt.date
    invited: bool = False
    certified: bool = False
    feedback_url: str = ""
    materials: Sequence[Material] = ()

    def say(self, message: str, **values: object) -> str:
        """A sentence in the person's language."""
        return self.words.gettext(message, **values)

    def mail(self, subject: str, *paragraphs: str) -> Mail:
        """A mail whose subject names the edition."""
        title = self.edition.title
        return Mail(self.email, self.say(subject, title=title), text(*paragraphs))

    def facts(self, sitting: Sitting | None = None) -> str:
        """What, when and where; for one session or for all."""
        return facts(self.words, self.edition, sitting)

    @property
    def own_page(self) -> str:
        """The way to one's own sign-up, where it can be cancelled as long as it counts."""
        if self.sign_up.is_live:
            lead = N_("See your sign-up, or cancel it so that somebody else can come:")
        else:
            lead = N_("Your sign-up:")
        return f"{self.say(lead)}\n\n{self.manage_url}"

    @property
    def way_in(self) -> str:
        """The link to take part online, for who has a place; empty where there is none."""
        url, lead = self.edition.online_url, N_("Link to take part online:")
        return f"{self.say(lead)}\n{url}" if url else ""

    @property
    def diary(self) -> Diary:
        """What their calendar events have in common."""
        return Diary(self.sign_up.sign_up_id, self.sender, self.email, self.edition_url)


def facts(words: Words, edition: Edition, sitting: Sitting | None = None) -> str:
    """What, when and where, a line for each."""
    sessions = [sitting] if sitting else edition.sittings
    lines = [edition.title, *(f"{words.long_date(s.day)}, {s.hours}" for s in sessions)]
    if edition.format != "online":
        lines.append(", ".join(part for part in (edition.venue, edition.town) if part))
    if edition.format != "venue":
        lines.append(words.gettext(N_("Online")))
    return "\n".join(line for line in lines if line)


def text(*paragraphs: str) -> str:
    """The body of a mail; an empty paragraph is left out."""
    return "\n\n".join(part for part in paragraphs if part) + "\n"
