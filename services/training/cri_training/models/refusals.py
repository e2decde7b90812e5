"""What editions and sign-ups refuse."""

from cri_shared.errors import Refusal
from cri_shared.words import N_


class EditionNotDraft(Refusal):
    """Only a draft can be published."""

    slug = "edition-not-draft"
    message = N_("This edition was published before. Nothing changed.")


class EditionInPast(Refusal):
    """Nobody can come to what has begun."""

    slug = "edition-in-past"
    message = N_("The first session lies in the past. Choose another date first.")


class EditionOver(Refusal):
    """What was held or cancelled stays as it is."""

    slug = "edition-over"
    message = N_("This edition is over or cancelled. It cannot be changed.")


class NotHeldYet(Refusal):
    """Who came is not known before the last session is over."""

    slug = "not-held-yet"
    message = N_("Attendance is complete when the last session is over.")


class SessionOver(Refusal):
    """A session that has begun cannot be moved."""

    slug = "session-over"
    message = N_("This session has begun. It cannot be moved.")


class TooManyReserved(Refusal):
    """No more places can be kept than there are."""

    slug = "too-many-reserved"
    message = N_("There are not that many places. Reserve fewer, or add places first.")


class CapacityTooLow(Refusal):
    """Nobody who has a place loses it because the room is smaller."""

    slug = "capacity-too-low"
    message = N_("More people than that have a place or an offer.")


class NoOffer(Refusal):
    """There is no offer to answer."""

    slug = "no-offer"
    message = N_("There is no offer to answer at the moment.")


class OfferOver(Refusal):
    """The offer was not answered in time; the place went to the next person."""

    slug = "offer-over"
    message = N_("This offer has ended. The place went to the next person on the waiting list.")


class WorkshopHasBegun(Refusal):
    """What has begun cannot be cancelled any more."""

    slug = "workshop-has-begun"
    message = N_("This workshop has begun. You cannot cancel any more.")
