"""Training's public pages: the programme, signing up, one's own sign-up, feedback."""

from cri_training.pages import (
    certificates,
    desk,
    feedback,
    handing_on,
    manage,
    programme,
    sign_up,
)

_PARTS = (certificates, programme, sign_up, manage, handing_on, desk, feedback)
routers = tuple(part.router for part in _PARTS)
