"""Plan a new migration: check it against the rows, and list the changes that it leaves out."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from loader.errors import SchemaError
from loader.schema import shape
from loader.schema.changes import Changes, RenameColumnOp
from loader.schema.final_tables import FinalTables
from loader.schema.losses import Loss, losses
from loader.schema.rendering import rendered
from loader.schema.revisions import Revisions
from loader.schema.violations import violations


@dataclass(frozen=True)
class Plan:
    """The plan of a new migration.

    Args:
        changes: Its steps.
        removes: The objects that the steps remove or narrow.
        left_out: Objects that would be removed or narrowed if their names were given.
    """

    changes: Changes
    removes: list[Loss]
    left_out: list[Loss]

    @property
    def chores(self) -> list[str]:
        """The commands to run for programs that name a changed column, one line each."""
        renamed = [op.column_name for op in self.changes.steps if isinstance(op, RenameColumnOp)]
        finds = [f"git grep -nw {name} loader dbt_project" for name in sorted(set(renamed))]
        said = [f"What still says an old name: {find}" for find in finds]
        return [*said, "Then write the typed rows: make readers"] if said else []


def plan(tables: FinalTables, allowed: Collection[str]) -> Plan:
    """Return the plan that brings the final tables to the contracts.

    Args:
        tables: The final tables of the database.
        allowed: Names of objects that may be removed or narrowed.

    Raises:
        SchemaError: A name matches nothing removable, rows violate a change, or nothing differs.
    """
    changes = tables.changes(allowed)
    unknown = sorted(set(allowed) - set(changes.names()))
    if unknown:
        known = ", ".join(changes.names()) or "nothing"
        raise SchemaError(
            f"--allow-drop {unknown[0]!r}: nothing of that name would be removed or narrowed."
            f" These names would be: {known}."
        )
    has_rows = isinstance(tables.connection, sa.Connection)
    in_the_way = violations(tables.connection, changes, tables.contracts) if has_rows else []
    if in_the_way:
        lines = "\n".join(in_the_way)
        raise SchemaError(f"Nothing was written: rows are in the way of these changes.\n{lines}")
    left_out = losses(tables.connection, [*changes.narrowing, *changes.extras])
    if not changes.steps and left_out:
        lines = "\n".join(f"{each}. To do it: --allow-drop {each.name}" for each in left_out)
        raise SchemaError(
            f"Nothing was written: each change that is left removes or narrows something.\n{lines}"
        )
    if not changes.steps:
        raise SchemaError("There is nothing to do: the final tables match the contracts.")
    return Plan(changes, losses(tables.connection, changes.steps), left_out)


def write(
    tables: FinalTables, revisions: Revisions, message: str, made: Plan, *, is_takeover: bool
) -> Path:
    """Write a plan's migration, and record the resulting tables; return the file."""
    steps = rendered(made.changes, tables.context, tables.views)
    path = revisions.write(message, *steps, is_takeover=is_takeover)
    shape.write(path.parent, tables.contracts)
    return path


def generate_offline(
    contracts: sa.MetaData,
    versions: Path,
    message: str,
    allowed: Collection[str],
    views: Sequence[str],
) -> tuple[Path, Plan]:
    """Write a migration from the recorded tables, without a database.

    Args:
        contracts: The contracts of the final tables.
        versions: The folder of the migrations.
        message: The purpose of the migration.
        allowed: Names of objects that it may remove or narrow.
        views: Views that depend on the final tables; each build recreates them.

    Raises:
        SchemaError: A name matches nothing removable, or nothing differs.
    """
    tables = FinalTables(shape.Recorded(shape.read(versions)), contracts, views=views)
    made = plan(tables, allowed)
    return write(tables, Revisions(None, versions), message, made, is_takeover=False), made
