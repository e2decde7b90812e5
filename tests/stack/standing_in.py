"""A process that stands in for a service: says which release it is, and how much it has to hear.

    python standing_in.py PORT DATABASE SERVICE RELEASES

RELEASES is a file with a release, and with `ends` where that one does not start.
"""

import itertools
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cri_shared.db.presence import Announced

LAG = itertools.chain((2, 1), itertools.repeat(0))


class Answer(BaseHTTPRequestHandler):
    """What a service answers for its health: there is less to hear each time it is asked."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        told = {"status": "ready", "reasons": [], "lag": {"intake": next(LAG)}}
        self.wfile.write(json.dumps(told).encode())

    def log_message(self, *_: object) -> None:
        """Nothing."""


def main() -> None:
    """Stand in until the process is ended."""
    port, database, service, releases = sys.argv[1:]
    *release, last = Path(releases).read_text().split()
    if last == "ends":
        sys.exit(1)
    announced = Announced()
    announced.at(database, f"cri-{service}-all {' '.join((*release, last))} 1")
    HTTPServer(("127.0.0.1", int(port)), Answer).serve_forever()


if __name__ == "__main__":
    main()
