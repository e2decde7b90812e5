"""Entries of the trail in words: what people do and are refused in every service."""

from collections.abc import Mapping
from typing import Any

from cri_shared.words import N_

# By action, or by action and the way in which it was done.
SHARED_WORDS: Mapping[str, str] = {
    "staff.signed_in password": N_("Signed in with password and code"),
    "staff.signed_in passkey": N_("Signed in with a passkey"),
    "staff.signed_in provider": N_("Signed in through the organisation"),
    "staff.signed_in invitation": N_("Became staff, or was let in again, by an invitation"),
    "staff.signed_in console": N_("Came from another console"),
    "staff.signed_in": N_("Signed in"),
    "staff.signed_out": N_("Signed out"),
    "staff.invited": N_("Invited somebody"),
    "staff.roles_changed": N_("Changed somebody's roles"),
    "staff.shut_out": N_("Shut somebody out"),
    "staff.recovery_asked": N_("Asked to let somebody in again"),
    "staff.recovered": N_("Let somebody in again"),
    "account.password_changed others_ended": N_("Changed the own password; other sessions ended"),
    "account.passkey_added others_ended": N_("Added a passkey; other sessions ended"),
    "account.passkey_removed others_ended": N_("Took a passkey away; other sessions ended"),
    "account.password_changed": N_("Changed the own password"),
    "account.passkey_added": N_("Added a passkey"),
    "account.passkey_removed": N_("Took a passkey away"),
    "sign_in.failed": N_("A sign-in that failed"),
    "proof.failed": N_("A proof of who it is that failed"),
    "password.wrong": N_("A change of password with a wrong old one"),
    "provider.refused": N_("Somebody whom the organisation's sign-in did not bring in"),
    "invitation.unknown": N_("An invitation that was used, too old or none"),
    "handover.unknown": N_("A way from another console that was used, too old or none"),
    "retention.ended": N_("Ended what was kept long enough"),
    "hold.placed": N_("Held for legal reasons"),
    "hold.lifted": N_("No longer held"),
    "events.erased": N_("Erased the events about something"),
    "events.letter.dropped": N_("Dropped an event that could not be heard"),
    "events.letter.retried": N_("Had an event heard again that could not be heard"),
    "audit.checked": N_("Looked whether the trail is whole"),
    "audit.exported": N_("Took a file of the trail along"),
    "keys.rotated": N_("Made a new key and sealed all with it"),
    "keys.retired": N_("Took an old key out of use"),
    "backup.restored": N_("Brought back from a backup"),
    "right.refused": N_("An action for which the role is lacking"),
    "thing.refused": N_("A thing that is not theirs, or is not there"),
    "form.refused": N_("A form that did not come from our page"),
}


def in_words(known: Mapping[str, str], action: str, facts: Mapping[str, Any]) -> str | None:
    """The English words for an entry, which have translations; None where there are none."""
    way = facts.get("way")
    return known.get(f"{action} {way}") or known.get(action)
