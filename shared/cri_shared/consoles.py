"""The consoles, by service, and what people call them."""

from cri_shared.words import N_

CONSOLES = {
    "intake": N_("Helpdesk"),
    "research": N_("Research"),
    "publishing": N_("Publishing"),
    "search": N_("Database"),
    "training": N_("Workshops"),
}
