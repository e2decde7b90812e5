"""Whether the ports that a platform needs are free, and who has those that are not."""

import socket

import psutil

from cri_stack.layout import Layout


class PortTaken(Exception):
    """Ports that we need are somebody else's; we do not fight for them."""


def check_ports(layout: Layout) -> None:
    """Raise `PortTaken` with a line for each port that is not free and who it is needed by."""
    taken = [(part, port) for part, port in layout.ports.items() if not _is_free(port)]
    if not taken:
        return
    lines = [f"Port {port} is needed by {part}, and {_holder(port)}." for part, port in taken]
    lines.append("Stop that first, or choose eight other ports in a row with --port-base N.")
    raise PortTaken("\n".join(lines))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _holder(port: int) -> str:
    """Who listens on a port, as far as this account may see."""
    try:
        for connection in psutil.net_connections("tcp"):
            listens = connection.status == psutil.CONN_LISTEN
            if listens and connection.laddr.port == port and connection.pid:
                return f"{psutil.Process(connection.pid).name()} (pid {connection.pid}) has it"
    except (psutil.Error, OSError):
        pass
    return "another program has it"
