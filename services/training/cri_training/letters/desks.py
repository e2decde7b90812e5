"""Mails of an organisation's desk: its link, and the question to each colleague."""

from cri_shared.mail import Mail
from cri_shared.web.i18n import Words
from cri_shared.words import N_

from cri_training.letters.parts import facts, text
from cri_training.models import Edition, Organisation


def colleague_mail(words: Words, edition: Edition, email: str, link: str, _code: str) -> Mail:
    """A colleague is asked to confirm what the organisation wrote."""
    say = words.gettext
    body = text(
        say(N_("Your organisation wants you to come to this workshop:")),
        facts(words, edition),
        say(N_("Do you want to come? Then open this page and press the button:")),
        link,
        say(N_("You have a place only after that. The link is good for three days.")),
        say(N_("Do you not want to come? Then do nothing. Nobody is signed up.")),
    )
    return Mail(email, say(N_("Please confirm: %(title)s"), title=edition.title), body)


def desk_mail(words: Words, organisation: Organisation, email: str, link: str) -> Mail:
    """The link of the desk, to the contact of an organisation."""
    say = words.gettext
    body = text(
        say(
            N_("With this link you sign people of %(name)s up for our workshops:"),
            name=organisation.name,
        ),
        link,
        say(N_("You see your own people only: who has a place, and who came.")),
        say(N_("Whoever has the link can do the same. Do not forward it.")),
        say(N_("The link is good for six months. Ask us for a new one, or to end it.")),
    )
    return Mail(email, say(N_("Your link to sign colleagues up")), body)
