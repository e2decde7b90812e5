"""Mails that calendars read too: a session comes in, moves, and goes out again."""

from cri_shared.mail import Mail
from cri_shared.words import N_

from cri_training.calendars import Method, calendar
from cri_training.letters.parts import Addressed, text
from cri_training.models import Sitting
from cri_training.rules.mail_plan import Letter
from cri_training.rules.states import Status


def invite(to: Addressed, letter: Letter) -> Mail:
    """A session for the calendar: at first the confirmation, later a new date or place."""
    sitting = to.edition.sitting(int(letter.mark.partition(".")[0]))
    if sitting.sequence > 0 and to.invited:
        subject = N_("Changed: %(title)s")
        said = to.say(N_("The date or the place of this workshop changed. You keep your place."))
    elif sitting.number > 1:
        subject = N_("Session %(number)s: %(title)s")
        said = to.say(N_("This mail puts one more session into your calendar."))
    else:
        subject = N_("You have a place: %(title)s")
        said = to.say(N_("You have a place in this workshop. We look forward to seeing you."))
    return _with_event(to, subject, said, to.way_in, sitting, "REQUEST")


def uninvite(to: Addressed, letter: Letter) -> Mail:
    """A session that is in their calendar goes out of it."""
    subject, said = _farewell(to)
    return _with_event(to, subject, said, "", to.edition.sitting(int(letter.mark)), "CANCEL")


def cancelled(to: Addressed, letter: Letter) -> Mail:
    """The same for those whose calendar knows nothing of it."""
    subject, said = _farewell(to)
    return to.mail(subject, said, to.facts(), to.own_page)


def _farewell(to: Addressed) -> tuple[str, str]:
    if to.sign_up.status == Status.HANDED_ON:
        said = N_("The person that you named comes in your place.")
        return N_("You will not come: %(title)s"), to.say(said)
    if to.edition.cancel_reason is None:
        said = N_("Your sign-up for this workshop is cancelled. Somebody else can come.")
        return N_("You will not come: %(title)s"), to.say(said)
    said = N_("This workshop will not be held. The trainers write:")
    return N_("Cancelled: %(title)s"), f"{to.say(said)}\n{to.edition.cancel_reason}"


def _with_event(
    to: Addressed, subject: str, said: str, way_in: str, sitting: Sitting, method: Method
) -> Mail:
    return Mail(
        to=to.email,
        subject=to.say(subject, title=to.edition.title, number=sitting.number),
        text=text(said, to.facts(sitting), way_in, to.own_page),
        calendar=calendar(to.diary, to.edition, [sitting], method),
        calendar_method=method,
    )
