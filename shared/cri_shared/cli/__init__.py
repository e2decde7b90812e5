"""The command of a service: serve, migrate, relay, replay, check and its dead letters."""

from cri_shared.cli.command import service_cli

__all__ = ["service_cli"]
