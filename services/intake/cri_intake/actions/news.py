"""Letters to askers: that there is news, never what it is."""

from cri_shared.db import Work
from cri_shared.mail.post import Mail
from cri_shared.words import N_

from cri_intake.models import Case
from cri_intake.queries.askers import address_of
from cri_intake.rig import Rig

SUBJECT = N_("There is news")
NEWS = N_(
    "Hello,\n\nthere is news for you on our website.\n"
    "Open %(url)s and type the number that you kept.\n\n"
    "We never write by e-mail what the news is.\n"
)
CHANGED = N_(
    "Hello,\n\nan answer that you got from us has changed.\n"
    "Open %(url)s and type the number that you kept.\n\n"
    "We never write by e-mail what the answer is.\n"
)


async def tell(work: Work, rig: Rig, case: Case, text: str = NEWS) -> None:
    """Write to an asker who left an address to which it is safe to write; to others nothing."""
    address = await address_of(rig, case)
    if address is None:
        return
    words = rig.words(case.language)
    url = f"{rig.settings.public_url}/{words.language}/follow"
    mail = Mail(address, words.gettext(SUBJECT), words.gettext(text, url=url))
    await rig.service.post.post(work, mail)
