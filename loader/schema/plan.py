"""What a new migration does: checked against the rows, and with what it leaves out."""

from collections.abc import Collection
from dataclasses import dataclass

from loader.errors import SchemaError
from loader.schema.changes import Changes
from loader.schema.final_tables import FinalTables
from loader.schema.losses import Loss, losses
from loader.schema.violations import violations


@dataclass(frozen=True)
class Plan:
    """What a new migration does.

    Args:
        changes: Its steps.
        removes: What they remove or narrow.
        left_out: What would be removed or narrowed, had its name been given.
    """

    changes: Changes
    removes: list[Loss]
    left_out: list[Loss]


def plan(tables: FinalTables, allowed: Collection[str]) -> Plan:
    """Return what brings the final tables to the contracts.

    Args:
        tables: The final tables.
        allowed: Names of what may be removed or narrowed.

    Raises:
        SchemaError: A name is of nothing that can be removed, rows are in the way of a change, or
            there is nothing to do.
    """
    changes = tables.changes(allowed)
    unknown = sorted(set(allowed) - set(changes.names()))
    if unknown:
        known = ", ".join(changes.names()) or "nothing"
        raise SchemaError(
            f"--allow-drop {unknown[0]}: nothing of that name is to be removed or narrowed. What"
            f" can be named: {known}"
        )
    in_the_way = violations(tables.connection, changes, tables.contracts)
    if in_the_way:
        lines = "\n".join(in_the_way)
        raise SchemaError(f"nothing was written: rows are in the way of these changes.\n{lines}")
    left_out = losses(tables.connection, [*changes.narrowing, *changes.extras])
    if not changes.steps and left_out:
        lines = "\n".join(f"{each}. To do it: --allow-drop {each.name}" for each in left_out)
        raise SchemaError(
            f"nothing was written: each change that is left removes or narrows something.\n{lines}"
        )
    if not changes.steps:
        raise SchemaError("there is nothing to do: the final tables are as the contracts say.")
    return Plan(changes, losses(tables.connection, changes.steps), left_out)
