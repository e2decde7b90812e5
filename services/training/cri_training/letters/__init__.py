"""The words of every mail: each sort has one function, which gets the person and the letter."""

from collections.abc import Callable

from cri_shared.mail import Mail

from cri_training.letters import approving, around, diary, waiting
from cri_training.letters.desks import colleague_mail, desk_mail
from cri_training.letters.parts import Addressed
from cri_training.letters.proving import proof_mail, successor_mail
from cri_training.rules.kinds import Kind
from cri_training.rules.mail_plan import Letter

__all__ = ["Addressed", "colleague_mail", "desk_mail", "proof_mail", "successor_mail", "written"]

_WRITERS: dict[Kind, Callable[[Addressed, Letter], Mail]] = {
    Kind.INVITE: diary.invite,
    Kind.UNINVITE: diary.uninvite,
    Kind.CANCELLED: diary.cancelled,
    Kind.TO_APPROVE: approving.to_approve,
    Kind.REFUSED: approving.refused,
    Kind.WAITING: waiting.on_the_list,
    Kind.OFFER: waiting.offer,
    Kind.OFFER_EXPIRED: waiting.offer_expired,
    Kind.MISSED: waiting.missed,
    Kind.MOVED: waiting.moved,
    Kind.REMINDER: around.reminder,
    Kind.LAST_REMINDER: around.reminder,
    Kind.MATERIALS: around.materials,
    Kind.FEEDBACK: around.feedback,
    Kind.FEEDBACK_AGAIN: around.feedback_again,
    Kind.CERTIFICATE: around.certificate,
}


def written(letter: Letter, to: Addressed) -> Mail:
    """One mail of the plan, in the person's language."""
    return _WRITERS[letter.kind](to, letter)
