"""Training's public pages: the programme, signing up, one's own sign-up, feedback."""

from cri_training.pages import certificates, feedback, handing_on, manage, programme, sign_up

routers = tuple(
    part.router for part in (certificates, programme, sign_up, manage, handing_on, feedback)
)
