"""The audit trail as evidence: append-only, chained, and its head kept by other services."""

from cri_shared.trail.chain import Trail
from cri_shared.trail.walk import Finding, Head, Report

__all__ = ["Finding", "Head", "Report", "Trail"]
