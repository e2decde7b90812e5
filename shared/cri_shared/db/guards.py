"""Triggers that keep the audit trail append-only, whoever asks the database.

They are put on after every migration: a migration that makes a table anew loses them.
"""

from sqlalchemy import Connection, inspect, text

REFUSED = "is append-only"
ONLY_GROW = frozenset({"audit", "audit_chain", "audit_segments"})
_GOING = {  # what a signed record of dropped entries lets go
    "audit": (
        "EXISTS (SELECT 1 FROM audit_chain c JOIN audit_segments s ON c.number <= s.last_number"
        " WHERE c.audit_id = OLD.id AND OLD.at < s.before)"
    ),
    "audit_chain": (
        "EXISTS (SELECT 1 FROM audit_segments s WHERE OLD.number <= s.last_number)"
        " AND NOT EXISTS (SELECT 1 FROM audit a WHERE a.id = OLD.audit_id)"
    ),
    "audit_segments": "FALSE",
}


def put_on(connection: Connection) -> None:
    """Put on the triggers that are missing, where the tables are there."""
    if not set(inspect(connection).get_table_names()) >= ONLY_GROW:
        return
    on_sqlite = connection.dialect.name == "sqlite"
    known = "SELECT name FROM sqlite_master" if on_sqlite else "SELECT tgname FROM pg_trigger"
    there = set(connection.execute(text(known)).scalars())
    for table in sorted(ONLY_GROW):
        if not on_sqlite:
            connection.execute(text(_function(table)))
        made = _on_sqlite(table) if on_sqlite else _on_postgresql(table)
        for name, statement in made.items():
            if name not in there:
                connection.execute(text(f"CREATE TRIGGER {name} {statement}"))


def _on_sqlite(table: str) -> dict[str, str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{table} {REFUSED}'); END"
    return {
        f"{table}_stays_as_it_is": f"BEFORE UPDATE ON {table} {refuse}",
        f"{table}_stays": f"BEFORE DELETE ON {table} WHEN NOT ({_GOING[table]}) {refuse}",
    }


def _on_postgresql(table: str) -> dict[str, str]:
    run = f"EXECUTE FUNCTION cri_{table}_stays()"
    return {
        f"{table}_stays": f"BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW {run}",
        f"{table}_is_not_emptied": f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {run}",
    }


def _function(table: str) -> str:
    return (
        f"CREATE OR REPLACE FUNCTION cri_{table}_stays() RETURNS trigger LANGUAGE plpgsql AS $$"
        f"BEGIN IF TG_OP = 'DELETE' AND {_GOING[table]} THEN RETURN OLD; END IF; "
        f"RAISE EXCEPTION '{table} {REFUSED}'; END$$"
    )
