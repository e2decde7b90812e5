"""The doors of every console: invitation, sign-in, account, and the way to the other consoles."""

from fastapi import APIRouter

from cri_shared.identity.doors import account, entering, joining, password, provider, staff

NAV = staff.NAV
router = APIRouter(include_in_schema=False)
for part in (entering, joining, provider, account, password, staff):
    router.include_router(part.router, prefix="/console")
