"""Where somebody may be in danger: which dangers there are, and who in Belgium helps at once."""

from dataclasses import dataclass

from cri_shared.words import N_

STALE_DAYS = 180  # after which it is looked at again whether who helps is still there


@dataclass(frozen=True)
class Line:
    """A number to call, and whose it is."""

    number: str
    whose: str


_EMERGENCY = Line("112", N_("ambulance and fire brigade; police: 101"))
# The numbers are those that the services themselves publish (looked up in November 2026).
LINES = {
    "suicide": (
        _EMERGENCY,
        Line("1813", N_("Zelfmoordlijn, in Dutch, day and night")),
        Line("0800 32 123", N_("Centre de Prévention du Suicide, in French, day and night")),
    ),
    "trafficking": (
        _EMERGENCY,
        Line("078 055 800", N_("PAG-ASA, Payoke and Sürya, for victims of trafficking")),
    ),
    "child": (
        _EMERGENCY,
        Line("116 000", N_("Child Focus, day and night")),
        Line("1712", N_("violence and abuse, in Dutch")),
        Line("103", N_("Écoute-Enfants, in French")),
    ),
    "violence": (
        _EMERGENCY,
        Line("1712", N_("violence and abuse, in Dutch")),
        Line("0800 30 030", N_("Écoute Violences Conjugales, in French")),
    ),
}
DANGERS = tuple(LINES)
STEPS = (
    N_("Is it now? Call 112, and say only what they need to come."),
    N_("Call the asker where it is safe to call. Otherwise write the usual text about help."),
    N_("Do not promise to keep it secret. Say what you do, and ask what the person wants."),
    N_("Talk to a colleague before you go on: nobody decides this alone."),
    N_("Write below what was done. Only then the alarm ends."),
)
