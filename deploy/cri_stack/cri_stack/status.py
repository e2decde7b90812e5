"""How the platform is, on one screen: every part, what waits, what died, what is found."""

from dataclasses import asdict, dataclass
from typing import Any

from cri_shared.index.search_settings import INDEX

from cri_stack.health import ask, reasons_in
from cri_stack.layout import SERVICES, Layout


@dataclass(frozen=True)
class PartStatus:
    """One part as seen from outside; None where a part has no such thing or does not say."""

    name: str
    url: str
    status: str
    reasons: tuple[str, ...] = ()
    waiting: int | None = None
    lag: int | None = None
    dead: int | None = None
    gaps: int | None = None
    documents: int | None = None

    @property
    def good(self) -> bool:
        """Whether nobody needs to look."""
        return self.status == "ready" and not self.dead


def status(layout: Layout) -> list[PartStatus]:
    """Ask every part."""
    return [
        *services(layout),
        _index(layout),
        _nats(layout),
        *_mail(layout),
    ]


def services(layout: Layout) -> list[PartStatus]:
    """Ask the services alone."""
    return [service(layout, name) for name in SERVICES]


def as_json(parts: list[PartStatus]) -> dict[str, dict[str, object]]:
    """The same for programs."""
    return {part.name: asdict(part) | {"good": part.good} for part in parts}


def service(layout: Layout, name: str) -> PartStatus:
    """Ask one service."""
    code, body = ask(f"{layout.at(name)}/health/ready")
    told = body if isinstance(body, dict) else {}
    return PartStatus(
        name,
        layout.at(name),
        str(told.get("status", "does not answer" if not code else f"answers {code}")),
        reasons=tuple(reasons_in(told)),
        waiting=told.get("outbox_waiting"),
        lag=_sum(told.get("lag")),
        dead=told.get("dead_letters"),
        gaps=told.get("gaps"),
    )


def _sum(lag: Any) -> int | None:
    return sum(lag.values()) if isinstance(lag, dict) else None


def _index(layout: Layout) -> PartStatus:
    url = layout.environment()["CRI_INDEX_URL"].rstrip("/")
    code, body = ask(f"{url}/indexes/{INDEX}/stats", layout.master_key)
    documents = body.get("numberOfDocuments") if isinstance(body, dict) else None
    if code in (200, 404):  # 404: nothing was published so far
        return PartStatus("index", url, _said(True), documents=documents if code == 200 else 0)
    return PartStatus("index", url, f"answers {code}" if code else _said(False))


def _nats(layout: Layout) -> PartStatus:
    from cri_shared.bus.connection import CannotConnect  # `cri up` asks for services alone

    from cri_stack.bus import BusUnusable, nearly_full

    url = layout.environment()["CRI_NATS_URL"]
    try:
        full = nearly_full(layout)
    except (BusUnusable, CannotConnect) as refused:
        return PartStatus("nats", url, _said(False), reasons=(str(refused),))
    return PartStatus("nats", url, "nearly full" if full else _said(True), reasons=tuple(full))


def _mail(layout: Layout) -> list[PartStatus]:
    """The page of mails that `cri up` keeps; there is none where a mail server takes them."""
    if layout.environ.get("CRI_SMTP_URL"):
        return []
    url = layout.url("mail")
    return [PartStatus("mail", url, _said(ask(f"{url}/")[0] == 200))]


def _said(ready: bool) -> str:
    return "ready" if ready else "does not answer"


def show(parts: list[PartStatus]) -> None:
    """Print the screen: a row for each part, and below it why some are not ready."""
    from rich.console import Console
    from rich.table import Table

    table = Table("part", box=None, padding=(0, 1, 0, 0))
    table.add_column("status", min_width=len("unavailable"))
    for head in ("waiting", "lag", "dead", "gaps", "entries"):
        table.add_column(head, justify="right")
    table.add_column("address", no_wrap=True)
    for part in parts:
        colour = "green" if part.good else "red"
        figures = (part.waiting, part.lag, part.dead, part.gaps, part.documents)
        counts = ("" if figure is None else str(figure) for figure in figures)
        table.add_row(part.name, f"[{colour}]{part.status}[/]", *counts, part.url)
    console = Console()
    console.print(table)
    for part in parts:
        if part.reasons:
            console.print(f"{part.name}: {', '.join(part.reasons)}")
