"""Logs: JSON lines, a static dotted event name and ids as fields; all else is removed."""

import contextlib
import logging
import sys
from typing import Any, TextIO

from cri_shared import clock
from cri_shared.leaving_out import without
from cri_shared.privacy.redaction import redact

with without("rich"):  # it would draw tracebacks, which we never print: 4 MB in each process
    import structlog
    from structlog.typing import EventDict, Processor

log: structlog.stdlib.BoundLogger = structlog.get_logger()


def configure_logs(service: str, *, stream: Any = None) -> None:
    """Send this process's logs to standard error, redacted, one JSON object a line."""
    out = stream or sys.stderr
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _timestamp,
            _service(service),
            redact,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=lambda *_: _Lines(out),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_Bridge()], level=logging.WARNING, force=True)


class _Lines:
    """Writes lines; where they cannot be written (a full disk), the line is lost and no more."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        with contextlib.suppress(OSError):
            self._stream.write(line + "\n")
            self._stream.flush()

    log = debug = info = warning = error = critical = exception = msg


def _timestamp(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return {"timestamp": clock.now().isoformat(timespec="milliseconds"), **event}


def _service(name: str) -> Processor:
    def add(_logger: Any, _method: str, event: EventDict) -> EventDict:
        return {"service": name, **event}

    return add


class _Bridge(logging.Handler):
    """Libraries log sentences that may quote data: keep who spoke and what was raised, no more."""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else None
        log.warning("library.message", logger=record.name, level=record.levelname, error=error)
