"""Mails that prove an address, before anything is held for anybody."""

from cri_shared.mail import Mail
from cri_shared.web.i18n import Words
from cri_shared.words import N_

from cri_training.letters.parts import facts, text
from cri_training.models import Edition


def proof_mail(words: Words, edition: Edition, email: str, link: str, code: str) -> Mail:
    """A link to a page with a button, and a code to type."""
    say = words.gettext
    body = text(
        say(N_("Somebody, perhaps you, wants to come to this workshop:")),
        facts(words, edition),
        say(N_("Is that you? Then confirm your address. Open this page and press the button:")),
        link,
        say(N_("Or type this code on the page where you signed up:")) + f" {code[:3]} {code[3:]}",
        say(N_("You have a place only after that. Link and code are good for 24 hours.")),
        say(N_("Was it not you? Then do nothing. Nobody is signed up.")),
    )
    return Mail(email, say(N_("Confirm your e-mail address: %(title)s"), title=edition.title), body)


def successor_mail(words: Words, edition: Edition, email: str, link: str, _code: str) -> Mail:
    """Somebody is asked to come in the place of a colleague."""
    say = words.gettext
    body = text(
        say(N_("Somebody who cannot come named you to take their place in this workshop:")),
        facts(words, edition),
        say(N_("Do you want to come? Then open this page and press the button:")),
        link,
        say(N_("The place is yours only after that. The link is good for three days.")),
        say(N_("Do you not want to come? Then do nothing. Nobody is signed up.")),
    )
    return Mail(email, say(N_("Will you come instead? %(title)s"), title=edition.title), body)
