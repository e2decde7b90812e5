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
DANGER = N_("Somebody may be in danger")
RAISED = N_(
    "Hello,\n\nan officer raised an alarm: somebody who asked us something may be in danger.\n"
    "Open %(url)s to see which question it is.\n\n"
    "Nobody decides this alone. Call the officer.\n"
)


async def tell_danger(work: Work, rig: Rig) -> None:
    """Write to the lead of the helpdesk that an alarm was raised; never about whom or what."""
    if rig.settings.lead_email is None:
        return
    words = rig.words(rig.settings.lead_language)
    text = words.gettext(RAISED, url=f"{rig.settings.public_url}/console/questions?view=danger")
    await rig.service.post.post(work, Mail(rig.settings.lead_email, words.gettext(DANGER), text))


async def tell_lead(work: Work, rig: Rig) -> None:
    """Write to the lead of the helpdesk that somebody looked often; without a name."""
    if rig.settings.lead_email is None:
        return
    words = rig.words(rig.settings.lead_language)
    text = words.gettext(LOOKED, count=REVEALS_A_DAY)
    mail = Mail(rig.settings.lead_email, words.gettext(OFTEN), text)
    await rig.service.post.post(work, mail)
