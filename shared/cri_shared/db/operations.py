"""What a revision does to tables, read from its file without running it."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

_ADDING = {"create_table", "add_column", "create_index", "bulk_insert"}
_RULES = {"create_foreign_key", "create_primary_key", "create_unique_constraint"}
_RULES |= {"create_check_constraint", "create_exclude_constraint"}
_HARMLESS = {"drop_index", "drop_constraint", "alter_column", "batch_alter_table"}
_HARMLESS |= {"create_table_comment", "drop_table_comment"}
_PARENTS = {"op", "batch_op"}


@dataclass(frozen=True)
class Taken:
    """Something that code of an earlier release may count on, and how it ends."""

    table: str
    column: str
    how: str

    @property
    def name(self) -> str:
        """`table`, or `table.column`."""
        return f"{self.table}.{self.column}" if self.column else self.table

    def __str__(self) -> str:
        return f"{self.name} {self.how}"


@dataclass
class Operations:
    """What a revision adds, takes away, makes anew, and does in words that say nothing to us."""

    adds: list[str] = field(default_factory=list)
    takes: list[Taken] = field(default_factory=list)
    makes: set[str] = field(default_factory=set)  # tables
    unclear: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class _Call:
    """One operation: its name, the table it is about, and what it was given."""

    name: str
    table: str
    given: list[ast.expr]
    by_name: dict[str, ast.expr]

    def word(self, place: int, name: str) -> str:
        """A given text, by place or name; empty where there is none."""
        value = self.given[place] if len(self.given) > place else self.by_name.get(name)
        while isinstance(value, ast.Call) and value.args:  # op.f("...")
            value = value.args[0]
        return str(value.value) if isinstance(value, ast.Constant) else ""

    def says(self, name: str, what: object) -> bool:
        """Whether it was given exactly this by a name."""
        value = self.by_name.get(name)
        return isinstance(value, ast.Constant) and value.value is what


def operations_in(text: str) -> Operations:
    """The operations in `upgrade()` of a revision's file."""
    found = Operations()
    for function in ast.parse(text).body:
        if isinstance(function, ast.FunctionDef) and function.name == "upgrade":
            for call in _calls(function.body, ""):
                _sort(call, found)
    found.takes = [what for what in found.takes if what.table not in found.makes]
    return found


def _calls(body: list[ast.stmt], table: str) -> Iterator[_Call]:
    """Every call of an operation, with the table of the batch that it stands in."""
    for statement in body:
        if isinstance(statement, ast.With):
            opened = statement.items[0].context_expr
            call = _call(opened, table) if isinstance(opened, ast.Call) else None
            inner = call.table if call and call.name == "batch_alter_table" else ""
            yield from _calls(statement.body, inner or table)
            continue
        for nested in ast.iter_child_nodes(statement):
            if isinstance(nested, ast.stmt):
                yield from _calls([nested], table)
        for node in _expressions(statement):
            if isinstance(node, ast.Call) and (call := _call(node, table)):
                yield call


def _expressions(statement: ast.stmt) -> Iterator[ast.AST]:
    """Whatever is in a statement but other statements."""
    waiting: list[ast.AST] = list(ast.iter_child_nodes(statement))
    while waiting:
        node = waiting.pop()
        if not isinstance(node, ast.stmt):
            yield node
            waiting.extend(ast.iter_child_nodes(node))


def _call(node: ast.Call, table: str) -> _Call | None:
    function = node.func
    if not (isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name)):
        return None
    if function.value.id not in _PARENTS or function.attr == "f":
        return None
    by_name = {one.arg: one.value for one in node.keywords if one.arg}
    given = list(node.args)
    if function.value.id == "op" and function.attr not in ("execute", "get_bind"):
        place = 1 if _names_first(function.attr) else 0
        table = _Call(function.attr, "", given, by_name).word(place, "table_name")
        if not _names_first(function.attr):
            given = given[1:] if given else given
    return _Call(function.attr, table, given, by_name)


def _names_first(operation: str) -> bool:
    """Whether the first that `op` takes is the name of an index or a rule, not of a table."""
    return operation in _RULES | {"create_index", "drop_index", "drop_constraint"}


def _sort(call: _Call, found: Operations) -> None:
    if call.name == "create_table":
        found.makes.add(call.table)
    if call.name in ("drop_table", "rename_table"):
        found.takes.append(Taken(call.table, "", "ends" if "drop" in call.name else "is renamed"))
    elif call.name == "drop_column":
        found.takes.append(Taken(call.table, call.word(0, "column_name"), "ends"))
    elif call.name == "alter_column" and (how := _tightened(call)):
        found.takes.append(Taken(call.table, call.word(0, "column_name"), how))
    elif call.name in _RULES or (call.name == "create_index" and call.says("unique", True)):
        found.takes.append(Taken(call.table, "", "gets a rule"))
    elif call.name == "add_column" and _must_be_given(call):
        found.takes.append(Taken(call.table, "", "gets a column that must be given"))
    elif call.name in _ADDING:
        found.adds.append(f"{call.name} of {call.table}")
    elif call.name not in _HARMLESS:
        found.unclear.append(call.name)


def _tightened(call: _Call) -> str:
    if call.says("nullable", False):
        return "must be given"
    if "new_column_name" in call.by_name:
        return "is renamed"
    return "changes its type" if "type_" in call.by_name else ""


def _must_be_given(call: _Call) -> bool:
    """Whether a new column refuses the rows of code that does not know it."""
    columns = [one for one in call.given if isinstance(one, ast.Call)]
    by_name = [{one.arg: one.value for one in column.keywords} for column in columns]
    return any(
        isinstance(told.get("nullable"), ast.Constant)
        and told["nullable"].value is False  # type: ignore[attr-defined]
        and "server_default" not in told
        for told in by_name
    )
