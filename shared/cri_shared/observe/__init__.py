"""What operators see: logs with static names and ids, metrics, health. Never content."""

from cri_shared.observe.logs import configure_logs, log

__all__ = ["configure_logs", "log"]
