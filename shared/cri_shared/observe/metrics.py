"""Metrics that every service has, in Prometheus' own registry."""

from prometheus_client import Counter, Gauge, Histogram

consumed = Counter("cri_events_consumed", "Events handled", ["subject", "outcome"])
dead_letters = Counter("cri_dead_letters", "Messages buried as dead letters", ["subject"])
outbox_waiting = Gauge("cri_outbox_waiting", "Events waiting to be published")
outbox_age = Gauge("cri_outbox_age_seconds", "Age of the oldest event that waits")
relay_leading = Gauge("cri_relay_leading", "1 where this process publishes the outbox")
bus_connected = Gauge("cri_bus_connected", "1 while NATS answers")
jobs_failed = Counter("cri_jobs_failed", "Runs of background jobs that failed", ["kind"])
redelivered = Counter("cri_events_redelivered", "Events delivered again", ["subject"])
handling = Histogram("cri_event_seconds", "Time to handle an event", ["subject"])
requests = Histogram("cri_http_seconds", "Time to answer", ["method", "route", "status"])
