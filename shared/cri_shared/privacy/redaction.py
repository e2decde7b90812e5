"""Redaction: a log line keeps ids, counts and static names; everything else is removed."""

from collections.abc import MutableMapping
from typing import Any

REMOVED = "[removed]"

ALLOWED_KEYS = frozenset(
    {
        "count",
        "duty",
        "error",
        "event",
        "kind",
        "level",
        "logger",
        "ms",
        "number",
        "outcome",
        "port",
        "reason",
        "role",
        "route",
        "service",
        "status",
        "stream",
        "subject",
        "timestamp",
        "tries",
        "version",
    }
)


def redact(
    _logger: Any, _method: str, event_dict: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A structlog processor: values under keys that are not known to be harmless are removed.

    Exceptions are reduced to the name of their type: their text quotes what failed.
    """
    raised = event_dict.pop("exc_info", None)
    if isinstance(raised, tuple):
        raised = raised[1]
    if isinstance(raised, BaseException):
        event_dict["error"] = type(raised).__name__
    return {key: _safe(key, value) for key, value in event_dict.items()}


def _safe(key: str, value: Any) -> Any:
    if isinstance(value, BaseException):
        return type(value).__name__
    if key in ALLOWED_KEYS or key.endswith("_id"):
        return value if isinstance(value, str | int | float | bool | None) else REMOVED
    return REMOVED
