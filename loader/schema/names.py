"""Find constraints and indexes whose names differ between database and contracts.

Another system names its keys differently. Rename an equal definition; never drop it. Then all
databases have one schema, and later migrations find objects by name.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from alembic.operations import ops

from loader.schema.casts import DIALECT
from loader.schema.checks import Normalize

# Kind, table and columns or expression: equal for equal definitions.
_Definition = tuple[object, ...]
_STATEMENTS = {
    "constraint": "alter table {table} rename constraint {old} to {new}",
    "index": "alter index {old} rename to {new}",
    "unique index": "alter table {table} add constraint {new} unique using index {old}",
}


class RenameOp(ops.ExecuteSQLOp):
    """Rename a constraint or an index to the contract's name.

    Args:
        table_name: Its table.
        kind: `constraint`, `index`, or `unique index`, which becomes the constraint.
        old: Its name in the database.
        new: Its name in the contract.
    """

    def __init__(self, table_name: str, kind: str, old: str, new: str) -> None:
        self.table_name, self.kind, self.old, self.new = table_name, kind, old, new
        quote = DIALECT.identifier_preparer.quote
        statement = _STATEMENTS[kind].format(
            table=quote(table_name), old=quote(old), new=quote(new)
        )
        super().__init__(statement.replace(":", r"\:"))  # otherwise Alembic reads it as a parameter

    def reverse(self) -> "RenameOp":
        """Return the reverse step."""
        kind = "index" if self.kind == "index" else "constraint"
        return RenameOp(self.table_name, kind, self.new, self.old)


@dataclass(frozen=True)
class Reflected:
    """The constraints and indexes of a database's table, from the inspector."""

    columns: Any
    key: Any
    uniques: Any
    references: Any
    checks: Any
    indexes: Any


def reflect(inspector: sa.Inspector, tables: Collection[str]) -> dict[str, Reflected]:
    """Return the constraints and indexes of some tables, with one query per kind."""
    parts = (
        inspector.get_multi_columns,
        inspector.get_multi_pk_constraint,
        inspector.get_multi_unique_constraints,
        inspector.get_multi_foreign_keys,
        inspector.get_multi_check_constraints,
        inspector.get_multi_indexes,
    )
    found: list[dict[str, Any]] = [
        {name: each for (_, name), each in part(filter_names=list(tables)).items()}
        for part in parts
    ]
    return {name: Reflected(*(part[name] for part in found)) for name in found[0]}


def matches(there_is: Reflected, table: sa.Table, normalize: Normalize) -> list[RenameOp]:
    """Return the renames to the contract's names; `old` equals `new` if the name already matches.

    Args:
        there_is: The constraints and indexes of the database's table.
        table: The contract.
        normalize: Rewrites expressions of checks so that they are comparable.
    """
    there = list(_there(there_is, table, normalize))
    taken = {name for _, _, name in there}
    contracted = {name: definition for definition, name in _contracted(table, normalize)}
    found = []
    for name, definition in contracted.items():
        same = [(kind, other) for has, kind, other in there if has == definition]
        own = [(kind, other) for kind, other in same if other == name]
        free = [(kind, other) for kind, other in same if other not in contracted]
        if own or (free and name not in taken):
            kind, old = (own or free)[0]
            found.append(RenameOp(table.name, kind, old, name))
    return found


def _contracted(table: sa.Table, normalize: Normalize) -> Iterator[tuple[_Definition, str]]:
    for each in table.constraints:
        match each:
            case sa.PrimaryKeyConstraint():
                # PostgreSQL's default name.
                yield ("key", tuple(each.columns.keys())), f"{table.name}_pkey"
            case sa.UniqueConstraint():
                yield ("unique", tuple(each.columns.keys())), str(each.name)
            case sa.ForeignKeyConstraint():
                other = tuple(key.column.name for key in each.elements)
                to = (each.referred_table.name, other, (each.ondelete or "").lower())
                yield ("reference", tuple(each.column_keys), *to), str(each.name)
            case sa.CheckConstraint():
                yield ("check", normalize(str(each.sqltext))), str(each.name)
    for index in table.indexes:
        yield ("index", tuple(index.columns.keys())), str(index.name)


def _there(
    table: Reflected, contract: sa.Table, normalize: Normalize
) -> Iterator[tuple[_Definition, str, str]]:
    """Yield definition, kind and name; constraints come first."""
    columns = {column["name"] for column in table.columns}
    new_names = {
        column.info.get("renamed_from"): column.name
        for column in contract.columns
        if column.name not in columns
    }

    def named(columns: Collection[str]) -> tuple[str, ...]:
        return tuple(new_names.get(column, column) for column in columns)

    key = table.key
    yield ("key", named(key["constrained_columns"])), "constraint", key["name"]
    for unique in table.uniques:
        if not any(unique.get("dialect_options", {}).values()):
            yield ("unique", named(unique["column_names"])), "constraint", unique["name"]
    for reference in table.references:
        options = {**reference.get("options", {})}
        on_delete = (options.pop("ondelete", None) or "").lower()
        if not options:
            to = (reference["referred_table"], tuple(reference["referred_columns"]), on_delete)
            definition = ("reference", named(reference["constrained_columns"]), *to)
            yield definition, "constraint", reference["name"]
    for check in table.checks:
        yield ("check", normalize(check["sqltext"])), "constraint", check["name"]
    for index in filter(_is_plain, table.indexes):
        of, kind = ("unique", "unique index") if index["unique"] else ("index", "index")
        yield (of, named(index["column_names"])), kind, index["name"]


def _is_plain(index: Any) -> bool:  # noqa: ANN401 - the inspector's
    """Return whether an index has columns only, like those of the contracts."""
    options = {**index.get("dialect_options", {})}
    using = options.pop("postgresql_using", None) or "btree"
    special = ("expressions", "column_sorting", "include_columns", "duplicates_constraint")
    return using == "btree" and not any([*options.values(), *map(index.get, special)])
