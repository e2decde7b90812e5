"""Mails to everybody with a place: before the workshop, and to those who came after it."""

import datetime as dt
from dataclasses import replace

from cri_shared import clock
from cri_shared.mail import Mail
from cri_shared.web.squares import square
from cri_shared.words import N_

from cri_training.letters.parts import Addressed
from cri_training.rules.mail_plan import Letter

_SOON = {
    0: (N_("Today: %(title)s"), N_("The workshop is today.")),
    1: (N_("Tomorrow: %(title)s"), N_("The workshop is tomorrow.")),
}
_LATER = N_("Soon: %(title)s"), N_("You have a place in this workshop. It begins soon.")


def reminder(to: Addressed, letter: Letter) -> Mail:
    """The session of a day comes near; how near is counted when the mail is written.

    Where people meet, it brings the square that a trainer scans at the door.
    """
    day = dt.date.fromisoformat(letter.mark)
    subject, said = _SOON.get((day - clock.today()).days, _LATER)
    if to.edition.format == "online":
        return to.mail(subject, to.say(said), to.facts(), to.way_in, to.own_page)
    door = to.say(
        N_("Show the square below this text at the door, or tell your name or this code:")
    )
    mail = to.mail(
        subject,
        to.say(said),
        to.facts(),
        to.way_in,
        f"{door} {to.sign_up.door_code}",
        to.say(N_("Only trainers who are signed in can read whose it is.")),
        to.own_page,
    )
    picture = square(to.check_in_url, scale=6)
    return replace(mail, picture=picture, picture_name=to.sign_up.door_code)


def materials(to: Addressed, letter: Letter) -> Mail:
    """Links that the trainers added."""
    said = to.say(N_("The trainers share this with those who take part:"))
    links = (f"{one.title}\n{one.url}" for one in to.materials)
    kept = to.say(N_("You find it on the page of your sign-up too:"))
    return to.mail(N_("Material: %(title)s"), said, *links, kept, to.manage_url)


def feedback(to: Addressed, letter: Letter) -> Mail:
    """What did they think? With a link that works once."""
    return to.mail(
        N_("What did you think? %(title)s"),
        to.say(N_("Thank you for coming. What did you think of it? It takes two minutes.")),
        to.feedback_url,
        to.say(N_("Nobody sees who answered what. The link works once and is not kept.")),
    )


def feedback_again(to: Addressed, letter: Letter) -> Mail:
    """The one reminder: to everybody who was asked, because nobody knows who answered."""
    subject = N_("What did you think? %(title)s")
    asked = to.say(subject, title=to.edition.title)
    return to.mail(
        N_("Your opinion still counts: %(title)s"),
        to.say(N_("Some who came have not told us yet what they thought. It takes two minutes.")),
        to.say(N_("Your link is in our earlier mail, “%(subject)s”."), subject=asked),
        to.say(N_("We do not know who answered. If you did: thank you, and ignore this mail.")),
    )


def certificate(to: Addressed, letter: Letter) -> Mail:
    """Theirs is ready on their own page; or a new one is, which took the place of another."""
    ready = N_("You attended this workshop, and your certificate is ready:")
    again = N_(
        "There is a new certificate for you. The one that you had before is not valid any more:"
    )
    return to.mail(
        N_("Your certificate: %(title)s"),
        to.say(again if to.certified else ready),
        to.manage_url,
        to.say(
            N_("Save it or print it: that page is there until %(day)s."),
            day=to.words.long_date(to.kept_until),
        ),
        to.say(N_("Whoever you show it to can check it with its code.")),
    )
