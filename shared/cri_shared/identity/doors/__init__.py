"""The doors of every console: invitation, sign-in, account, and the way to the other consoles."""

from cri_shared.identity.doors import account, entering, joining, password, provider, staff

NAV = staff.NAV
routers = tuple(part.router for part in (entering, joining, provider, account, password, staff))
