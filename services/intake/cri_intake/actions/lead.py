"""Letters to the lead of the helpdesk."""

from cri_shared.db import Work
from cri_shared.mail.post import Mail
from cri_shared.words import N_

from cri_intake.rig import Rig
from cri_intake.rules import REVEALS_A_DAY

OFTEN = N_("Somebody at the helpdesk looked very often")
LOOKED = N_(
    "Hello,\n\nsomebody at the helpdesk opened what askers wrote %(count)s times today.\n"
    "The history of each question says who looked, and why.\n\n"
    "There may be a good reason for it. Ask.\n"
)


async def tell_lead(work: Work, rig: Rig) -> None:
    """Write to the lead of the helpdesk that somebody looked often; without a name."""
    if rig.settings.lead_email is None:
        return
    words = rig.words(rig.settings.lead_language)
    text = words.gettext(LOOKED, count=REVEALS_A_DAY)
    mail = Mail(rig.settings.lead_email, words.gettext(OFTEN), text)
    await rig.service.post.post(work, mail)
