"""What lies elsewhere than in tables: streams, the index, logs, traces, mails, backups."""

from dataclasses import dataclass

from cri_shared.bus.topology import KEEP_DAYS
from cri_shared.privacy.keeping import Ground, Kept, Setting
from cri_shared.privacy.stores import MAY_HOLD, Store

from cri_stack.register.holdings import in_words


@dataclass(frozen=True)
class Place:
    """A place that is no table, the classes that it holds, and what is promised of it."""

    name: str
    holds: str
    kept: Kept
    store: Store = Store.EVENTS

    @property
    def span(self) -> str:
        """How long, in words."""
        return in_words(self.kept.span, self.store)


def _classes(store: Store) -> str:
    return ", ".join(held.name for held in MAY_HOLD[store])


PLACES = (
    Place(
        "streams of NATS, encrypted on disk",
        _classes(Store.EVENTS),
        Kept(
            "carry events to whoever hears them",
            Ground.CONSENT,
            until="after it was published, or at once where it is erased",
            span=KEEP_DAYS,
            duty="nats-server",
        ),
    ),
    Place(
        "documents of the search index",
        _classes(Store.INDEX),
        Kept("let everybody find public entries", Ground.NOBODY, until="the entry is withdrawn"),
    ),
    Place(
        "log lines",
        _classes(Store.LOGS),
        Kept(
            "show operators what happened: ids, counts and fixed words",
            Ground.INTEREST,
            until="after `cri up` wrote them; elsewhere an operator tells their journal so",
            span=Setting("keep_logs_days"),
            duty="cri up",
        ),
        Store.LOGS,
    ),
    Place(
        "traces, where an operator collects them",
        _classes(Store.LOGS),
        Kept(
            "show the way of one research question through the services",
            Ground.INTEREST,
            until="the operator's collector drops it",
        ),
    ),
    Place(
        "mails as files, where no server sends them: for trying out",
        "C1, C3, C4, in the open",
        Kept("show what would have been sent", Ground.REQUEST, until="the operator deletes it"),
    ),
    Place(
        "backups",
        "all, as in the databases",
        Kept(
            "bring a database back",
            Ground.INTEREST,
            owed="35 days, of the key store 7; whoever restores one repeats every erasure",
        ),
    ),
)
