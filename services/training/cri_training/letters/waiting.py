"""Mails to those who have no place yet: their turn, an offer, its end."""

from cri_shared.mail import Mail
from cri_shared.words import N_

from cri_training.letters.parts import Addressed
from cri_training.rules.mail_plan import Letter


def on_the_list(to: Addressed, letter: Letter) -> Mail:
    """They wait, and hear of a free place by mail."""
    said = to.say(
        N_("You are on the waiting list. When a place comes free, we offer it to you by e-mail.")
    )
    return to.mail(N_("On the waiting list: %(title)s"), said, to.facts(), to.own_page)


def offer(to: Addressed, letter: Letter) -> Mail:
    """A place is held for them until they answer."""
    until = to.sign_up.offer_until
    assert until is not None
    said = to.say(
        N_("A place came free and it is your turn. We hold it for you until %(until)s."),
        until=to.words.date_time(until),
    )
    ask = to.say(N_("Open this page to take the place or to leave it to somebody else:"))
    return to.mail(N_("A place for you: %(title)s"), said, to.facts(), ask, to.manage_url)


def offer_expired(to: Addressed, letter: Letter) -> Mail:
    """They did not answer in time."""
    said = to.say(N_("You did not answer our offer in time. The place went to the next person."))
    return to.mail(N_("Offer ended: %(title)s"), said, to.facts(), to.own_page)


def missed(to: Addressed, letter: Letter) -> Mail:
    """The waiting list closed before there was a place."""
    said = to.say(N_("No place came free in time. The waiting list is closed. We are sorry."))
    return to.mail(N_("No place: %(title)s"), said, to.facts(), to.own_page)


def moved(to: Addressed, letter: Letter) -> Mail:
    """Another date or place, for those who have nothing in their calendar."""
    said = to.say(
        N_("The date or the place of this workshop changed. You keep your turn on the list.")
    )
    return to.mail(N_("Changed: %(title)s"), said, to.facts(), to.own_page)
