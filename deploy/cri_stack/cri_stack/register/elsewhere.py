"""What lies elsewhere than in tables: streams, the index, logs, traces, mails, backups."""

from dataclasses import dataclass

from cri_shared.backup.settings import BackupSettings
from cri_shared.bus.topology import KEEP_DAYS
from cri_shared.privacy.keeping import Ground, Kept, Setting
from cri_shared.privacy.stores import MAY_HOLD, Store

from cri_stack.register.holdings import in_words

_DAYS: dict[str, int] = {
    name: field.default for name, field in BackupSettings.model_fields.items() if "days" in name
}


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
        "backups of databases, encrypted to a key that is on no machine of CRI",
        "all, as in the databases",
        Kept(
            "bring a database back; whoever restores one repeats every erasure",
            Ground.INTEREST,
            until="after it was made, once there is a newer one (`CRI_KEEP_BACKUPS_DAYS`, 1 to 35)",
            span=_DAYS["keep_backups_days"],
            duty="cri-<service> backup",
        ),
    ),
    Place(
        "backups of key stores and key files, encrypted, in another place",
        "K, wrapped keys and what wraps them",
        Kept(
            "what is erased is unreadable everywhere once they are gone",
            Ground.INTEREST,
            until="after it was made, once there is a newer one "
            "(`CRI_KEEP_KEY_BACKUPS_DAYS`, 1 to 7)",
            span=_DAYS["keep_key_backups_days"],
            duty="cri-<service> backup",
        ),
    ),
)
