"""Who works here: accounts, roles, sessions and sign-in, one library and store for all consoles."""

from cri_shared.identity.guard import Permitted
from cri_shared.identity.staff import ROLES, Staff

__all__ = ["ROLES", "Permitted", "Staff"]
