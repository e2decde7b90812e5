"""The command of a service: serve, migrate, relay, replay, check and its dead letters."""

from cri_shared.cli.command import Parts, service_cli

__all__ = ["Parts", "service_cli"]
