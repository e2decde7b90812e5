"""The words of every mail: public facts of the edition and links, nothing about the person."""

from dataclasses import dataclass

from cri_shared.mail import Mail
from cri_shared.web.i18n import Words
from cri_shared.words import N_

from cri_training.calendars import Diary, Method, calendar
from cri_training.models import Edition, SignUp, Sitting
from cri_training.rules.mail_plan import Kind


@dataclass(frozen=True)
class Addressed:
    """Everything a mail to one person about one edition needs."""

    words: Words
    edition: Edition
    sign_up: SignUp
    email: str
    sender: str
    edition_url: str
    manage_url: str

    def say(self, message: str, **values: object) -> str:
        """A sentence in the person's language."""
        return self.words.gettext(message, **values)

    @property
    def diary(self) -> Diary:
        """What their calendar events have in common."""
        return Diary(self.sign_up.sign_up_id, self.sender, self.email, self.edition_url)


def proof_mail(words: Words, edition: Edition, email: str, link: str, code: str) -> Mail:
    """The mail that proves an address: a link to a page with a button, and a code to type."""
    say = words.gettext
    text = _text(
        say(N_("Somebody, perhaps you, wants to come to this workshop:")),
        _facts(words, edition),
        say(N_("Is that you? Then confirm your address. Open this page and press the button:")),
        link,
        say(N_("Or type this code on the page where you signed up:")) + f" {code[:3]} {code[3:]}",
        say(N_("You have a place only after that. Link and code are good for 24 hours.")),
        say(N_("Was it not you? Then do nothing. Nobody is signed up.")),
    )
    return Mail(email, say(N_("Confirm your e-mail address: %(title)s"), title=edition.title), text)


def letter(kind: Kind, mark: str, to: Addressed, *, first: bool, feedback_url: str = "") -> Mail:
    """One mail of the plan; `first` says that the person had nothing in their calendar yet."""
    match kind:
        case Kind.INVITE:
            return _invitation(to, int(mark.partition(".")[0]), first=first)
        case Kind.UNINVITE:
            return _farewell(to, to.edition.sitting(int(mark)))
        case Kind.CANCELLED:
            return _farewell(to, None)
        case Kind.REMINDER:
            return _plain(
                to,
                N_("Soon: %(title)s"),
                to.say(N_("You have a place in this workshop. It begins soon.")),
                can_cancel=True,
            )
        case Kind.FEEDBACK:
            return _feedback(to, feedback_url)
        case Kind.OFFER:
            return _offer(to)
        case _:
            subject, sentence = _NEWS[kind]
            return _plain(to, subject, to.say(sentence), can_cancel=to.sign_up.is_live)


_NEWS = {
    Kind.WAITING: (
        N_("On the waiting list: %(title)s"),
        N_("You are on the waiting list. When a place comes free, we offer it to you by e-mail."),
    ),
    Kind.MOVED: (
        N_("Changed: %(title)s"),
        N_("The date or the place of this workshop changed. You keep your turn on the list."),
    ),
    Kind.OFFER_EXPIRED: (
        N_("Offer ended: %(title)s"),
        N_("You did not answer our offer in time. The place went to the next person."),
    ),
    Kind.MISSED: (
        N_("No place: %(title)s"),
        N_("No place came free in time. The waiting list is closed. We are sorry."),
    ),
}


def _invitation(to: Addressed, number: int, *, first: bool) -> Mail:
    sitting = to.edition.sitting(number)
    if sitting.sequence > 0 and not first:
        subject = N_("Changed: %(title)s")
        opening = to.say(N_("The date or the place of this workshop changed. You keep your place."))
    elif number > 1:
        subject = N_("Session %(number)s: %(title)s")
        opening = to.say(N_("This mail puts one more session into your calendar."))
    else:
        subject = N_("You have a place: %(title)s")
        opening = to.say(N_("You have a place in this workshop. We look forward to seeing you."))
    return _plain(to, subject, opening, sitting=sitting, method="REQUEST", can_cancel=True)


def _farewell(to: Addressed, sitting: Sitting | None) -> Mail:
    if to.edition.cancel_reason is not None:
        subject = N_("Cancelled: %(title)s")
        opening = to.say(N_("This workshop will not be held. The trainers write:"))
        opening += f"\n{to.edition.cancel_reason}"
    else:
        subject = N_("You will not come: %(title)s")
        opening = to.say(N_("Your sign-up for this workshop is cancelled. Somebody else can come."))
    return _plain(to, subject, opening, sitting=sitting, method="CANCEL")


def _offer(to: Addressed) -> Mail:
    until = to.sign_up.offer_until
    assert until is not None
    opening = to.say(
        N_("A place came free and it is your turn. We hold it for you until %(until)s."),
        until=to.words.date_time(until),
    )
    ask = to.say(N_("Open this page to take the place or to leave it to somebody else:"))
    text = _text(opening, _facts(to.words, to.edition), ask, to.manage_url)
    return Mail(to.email, to.say(N_("A place for you: %(title)s"), title=to.edition.title), text)


def _feedback(to: Addressed, url: str) -> Mail:
    text = _text(
        to.say(N_("Thank you for coming. What did you think of it? It takes two minutes.")),
        url,
        to.say(N_("Nobody sees who answered what. The link works once and is not kept.")),
    )
    title = to.edition.title
    return Mail(to.email, to.say(N_("What did you think? %(title)s"), title=title), text)


def _plain(
    to: Addressed,
    subject: str,
    opening: str,
    *,
    sitting: Sitting | None = None,
    method: Method = "REQUEST",
    can_cancel: bool = False,
) -> Mail:
    link = to.say(
        N_("See your sign-up, or cancel it so that somebody else can come:")
        if can_cancel
        else N_("Your sign-up:")
    )
    text = _text(opening, _facts(to.words, to.edition, sitting), link, to.manage_url)
    event = calendar(to.diary, to.edition, [sitting], method) if sitting else None
    return Mail(
        to=to.email,
        subject=to.say(subject, title=to.edition.title, number=sitting.number if sitting else ""),
        text=text,
        calendar=event,
        calendar_method=method,
    )


def _facts(words: Words, edition: Edition, sitting: Sitting | None = None) -> str:
    sessions = [sitting] if sitting else edition.sittings
    lines = [edition.title, *(f"{words.long_date(s.day)}, {s.hours}" for s in sessions)]
    if edition.format != "online":
        lines.append(", ".join(part for part in (edition.venue, edition.town) if part))
    if edition.format != "venue":
        lines.append(words.gettext(N_("Online")))
    return "\n".join(line for line in lines if line)


def _text(*paragraphs: str) -> str:
    return "\n\n".join(paragraphs) + "\n"
