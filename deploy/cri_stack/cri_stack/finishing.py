"""The end of a roll: streams as the new release has them, and what waited for the older one."""

from collections.abc import Callable

from cri_shared.db.patience import MigrationBlocked

from cri_stack.bus import BusUnusable
from cri_stack.layout import Layout
from cri_stack.migrating import migrate_all
from cri_stack.provisioning import CannotProvision, provision_all
from cri_stack.rolling import DidNotComeUp


def finish(layout: Layout, say: Callable[[str], None]) -> None:
    """Provision, and take away what nobody needs any more; safe to repeat.

    Raises `DidNotComeUp` where one of the two cannot be done yet.
    """
    try:
        changed = [name for name, what in provision_all(layout).items() if what != "unchanged"]
        say(f"{'streams':<11} {', '.join(changed) or 'as they were'}")
        migrate_all(layout, say)
    except (BusUnusable, CannotProvision, MigrationBlocked) as refused:
        raise DidNotComeUp(
            f"All services are rolled. Run it again for the rest: {refused}"
        ) from None
