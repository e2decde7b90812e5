"""Health and metrics: live while the process answers, ready while it can do its work."""

from cri_shared.web.health.routes import router
from cri_shared.web.health.watch import Check, Watch

__all__ = ["Check", "Watch", "router"]
