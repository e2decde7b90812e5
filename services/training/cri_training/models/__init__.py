"""Training's tables; their methods change state and may refuse."""

from cri_training.models.attendance import Attendance, Mark
from cri_training.models.base import Base, messaging
from cri_training.models.certificates import Certificate
from cri_training.models.desks import Desk
from cri_training.models.editions import Edition, Sitting, Workshop
from cri_training.models.feedback import Ballot, FeedbackAnswer
from cri_training.models.obstacles import Code, CodeChange, PassageMark, Reading, ToldCount
from cri_training.models.organisations import Organisation, Reservation
from cri_training.models.plan import Material, PlanChange
from cri_training.models.sign_ups import PostedLetter, SeatMove, SignUp
from cri_training.models.tallies import Tally

__all__ = [
    "Attendance",
    "Ballot",
    "Base",
    "Certificate",
    "Code",
    "CodeChange",
    "Desk",
    "Edition",
    "FeedbackAnswer",
    "Mark",
    "Material",
    "Organisation",
    "PassageMark",
    "PlanChange",
    "PostedLetter",
    "Reading",
    "Reservation",
    "SeatMove",
    "SignUp",
    "Sitting",
    "Tally",
    "ToldCount",
    "Workshop",
    "messaging",
]
