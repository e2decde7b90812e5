"""What trainers are told of in the morning, in counts."""

import datetime as dt
from typing import Any

from cri_shared.digest import News, Reader
from cri_shared.words import N_
from sqlalchemy import Select, func, select

from cri_training.models import SignUp
from cri_training.rules.states import LIVE, Status


def _signed_up(_reader: Reader, since: dt.datetime) -> Select[Any]:
    new = select(func.count()).where(SignUp.status.in_(LIVE))
    return new.where(SignUp.proved_at > since)


def _cancelled(_reader: Reader, since: dt.datetime) -> Select[Any]:
    gone = select(func.count()).where(SignUp.status == Status.CANCELLED)
    return gone.where(SignUp.ended_at > since)


NEWS = (
    News("trainer", N_("People who signed up"), _signed_up),
    News("trainer", N_("People who will not come"), _cancelled),
)
