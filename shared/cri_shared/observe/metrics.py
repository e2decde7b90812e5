"""Metrics that every service has; `shared/OBSERVING.md` tells what each of them means."""

import math
from collections.abc import Mapping

from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()  # type: ignore[no-untyped-call]  # twice the series for nothing
UNKNOWN = math.nan

consumed = Counter("cri_events_consumed", "Messages taken", ["subject", "outcome"])
redelivered = Counter("cri_events_redelivered", "Messages delivered again", ["subject"])
handling = Histogram("cri_event_seconds", "Time of an event's transaction", ["subject"])
lag = Gauge("cri_events_lag", "Events to be taken in", ["producer"])
dead_letters = Counter("cri_dead_letters", "Messages buried as dead letters", ["subject"])
dead_letters_waiting = Gauge("cri_dead_letters_waiting", "Dead letters that lie here", ["producer"])
gaps = Gauge("cri_event_gaps", "Numbers of events that are missing", ["producer"])
audit_unsealed = Gauge("cri_audit_unsealed", "Entries of the audit trail that wait to be sealed")
seals_differing = Gauge("cri_seals_differing", "Sealed days that differ from here", ["producer"])
outbox_waiting = Gauge("cri_outbox_waiting", "Events waiting to be published")
outbox_age = Gauge("cri_outbox_age_seconds", "Age of the oldest event that waits")
outbox_refused = Gauge("cri_outbox_refused", "Events that NATS refused for good")
relay_leading = Gauge("cri_relay_leading", "1 where this process publishes the outbox")
clockwork_leading = Gauge("cri_clockwork_leading", "1 where this process does duties and jobs")
bus_connected = Gauge("cri_bus_connected", "1 while this process is connected to NATS")
jobs_failed = Counter("cri_jobs_failed", "Runs of background jobs that failed", ["kind"])
pool_in_use = Gauge("cri_pool_in_use", "Connections to the service's database in use")
pool_refused = Counter("cri_pool_refused", "Waits in vain for a connection or the turn to write")
reveals = Counter("cri_reveals", "Times that staff opened what an asker wrote")
reveal_alerts = Counter("cri_reveal_alerts", "Times that one person did so very often on one day")
sign_ins = Counter("cri_sign_ins", "Times that somebody signed in", ["way"])
doors_refused = Counter("cri_doors_refused", "What was refused at the doors", ["kind"])
part_ready = Gauge("cri_part_ready", "1 where a part of this process is ready", ["part"])


def set_each(gauge: Gauge, values: Mapping[str, float]) -> None:
    """Give a gauge with one label these values, and none that it had before."""
    gauge.clear()
    for label, value in values.items():
        gauge.labels(label).set(value)
