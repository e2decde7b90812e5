"""Retention: what is kept no longer than its rule says, unless a person holds it for the law."""

from cri_shared.retention.engine import Line, Retention
from cri_shared.retention.rules import Rule

__all__ = ["Line", "Retention", "Rule"]
