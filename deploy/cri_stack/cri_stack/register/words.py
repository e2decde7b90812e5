"""How the register says things: how long something is kept, what is not built, in plain words."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from cri_shared.events.wording import table
from cri_shared.privacy.classes import CLASSES
from cri_shared.privacy.keeping import Kept
from cri_shared.privacy.stores import MAY_HOLD, Store

from cri_stack.register.elsewhere import PLACES
from cri_stack.register.holdings import Field, Holding

MEANING = {
    "C0": "public: everybody may read it",
    "C1": "internal: ids, states, days, counts, names of staff",
    "C2": "sensitive: questions and answers without whoever asked",
    "C3": "restricted to the person: words, name, contact of an asker or a participant",
    "C4": "restricted to the partner: who somebody in the country is",
    "K": "secret: what opens something",
}


def how_long(kept: Kept, span: str, also: Sequence[str] = ()) -> str:
    """What ends it, and what happens then; what the rules demand and no code does stands out."""
    if kept.until is None:
        ends = "" if kept.owed else "for good"
    else:
        ends = f"{span} {kept.until}" if span else f"until {kept.until}"
        ends = f"{'; or '.join((ends, *also))}; then {kept.then}"
    owed = f"**NOT BUILT:** {kept.owed}" if kept.owed else ""
    return ". ".join(part for part in (ends, owed) if part)


def how_long_of(held: Holding) -> str:
    """The same of a table."""
    return how_long(held.kept, held.span, held.also)


def shared_tables(held: Iterable[Holding]) -> list[Holding]:
    """The tables that every service's database has, each once, with the classes of them all."""
    found: dict[str, list[Holding]] = {}
    for one in held:
        if one.store != one.database:
            found.setdefault(one.table, []).append(one)
    return [replace(alike[0], fields=tuple(_merged(alike))) for alike in found.values()]


def _merged(alike: list[Holding]) -> Iterator[Field]:
    for columns in zip(*(one.fields for one in alike), strict=True):
        classes = sorted({column.held for column in columns})
        yield replace(columns[0], held=" or ".join(classes))


def not_built(held: list[Holding]) -> list[str]:
    """The lines of a table with everything that the rules on keeping demand and nothing does."""
    own = [one for one in held if one.store == one.database]
    rows = [(one.database.value, f"`{one.table}`", one.kept.owed) for one in own]
    rows += [("every service", f"`{one.table}`", one.kept.owed) for one in shared_tables(held)]
    rows += [("elsewhere", place.name, place.kept.owed) for place in PLACES]
    return table(
        ("where", "what", "the rules demand that it ends"),
        ((where, what, owed) for where, what, owed in rows if owed),
    )


def matrix() -> list[str]:
    """The lines of a table that says which class may lie where."""
    return table(
        ("store", *CLASSES),
        ((store.value, *(_form(store, name) for name in CLASSES)) for store in MAY_HOLD),
    )


def classes() -> Iterator[str]:
    """What the classes mean, as a list."""
    return (f"- **{name}** {MEANING[name]}" for name in CLASSES)


def _form(store: Store, name: str) -> str:
    form = MAY_HOLD[store].get(CLASSES[name])
    return "no" if form is None else form.value
