"""Mails to those about whom a trainer decides first."""

from cri_shared.mail import Mail
from cri_shared.words import N_

from cri_training.letters.parts import Addressed
from cri_training.rules.mail_plan import Letter


def to_approve(to: Addressed, letter: Letter) -> Mail:
    """The address is proved; a trainer looks at it."""
    said = to.say(
        N_("Your address is confirmed. A trainer looks at your sign-up, and we mail you then.")
    )
    return to.mail(N_("We look at your sign-up: %(title)s"), said, to.facts(), to.own_page)


def refused(to: Addressed, letter: Letter) -> Mail:
    """The answer is no; why stands on their own page, not in a mail."""
    said = to.say(N_("We cannot give you a place in this workshop. Why stands on this page:"))
    return to.mail(N_("No place: %(title)s"), said, to.manage_url, to.facts())
