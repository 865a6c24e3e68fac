"""What a takeover does with the database of the system that this one replaces, once.

That system stored the first word of a name, shifted days east of Greenwich, and seeded its tables
again at each setup. Its rows hold the truth in their own texts: `texts` reads them with the
parsers, `rows` reads the rows, `plan` decides what each is and which are one, `changes` carries
that out. `shape` has the names of its first schema, and its triggers. PostgreSQL only:
that system had no other database.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from loader.database import objects
from loader.database.objects import Name, Objects
from loader.database.warehouse import Warehouse
from loader.takeover.changes import carry_out
from loader.takeover.plan import Plan
from loader.takeover.rows import read_plan
from loader.takeover.shape import Renaming, Trigger, drop_trigger, renamings, triggers
from loader.workspace.teams import load_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """What a takeover did, or would do.

    Args:
        adopted: Schema, name and number of rows of what became ours.
        renamed: What had the names of the first schema.
        triggers: What was dropped because it set `updated_at`.
        plan: What became of the rows.
    """

    adopted: list[tuple[Name, int]]
    renamed: list[Renaming] = field(default_factory=list)
    triggers: list[Trigger] = field(default_factory=list)
    plan: Plan = field(default_factory=Plan)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return not self.adopted and self.plan.is_empty


def take_over(warehouse: Warehouse, more: Iterable[str] = (), *, is_kept: bool) -> Takeover:
    """Make the tables of others ours, and their rows what their texts say.

    Args:
        warehouse: The database. A DuckDB file may be open for reading only if nothing is kept.
        more: Tables and views of others, with their schemas, that are to be ours besides.
        is_kept: Whether it is done; else it is tried and undone.

    Raises:
        WarehouseError: A table cannot be ours, or the database refused a change.
        SettingsError: A seed cannot be read.
    """
    if not warehouse.is_postgres and not is_kept:
        return _adopted(objects.read(warehouse, more), warehouse)
    with warehouse.transaction(is_kept=is_kept):
        found = objects.read(warehouse, more)
        renamed = renamings(warehouse, found.foreign) if warehouse.is_postgres else []
        for each in renamed:
            warehouse.execute(each.statement)
        if renamed:
            found = objects.read(warehouse, more)
        takeover = replace(_adopted(found, warehouse), renamed=renamed)
        objects.adopt(warehouse, found)
        if not warehouse.is_postgres:
            return takeover
        dropped = triggers(warehouse, found.foreign)
        for trigger in dropped:
            drop_trigger(warehouse, trigger)
        plan = read_plan(warehouse, load_names())
        if not plan.is_empty:
            carry_out(warehouse, plan)
        return replace(takeover, triggers=dropped, plan=plan)


def _adopted(found: Objects, warehouse: Warehouse) -> Takeover:
    objects.check_adoptable(warehouse, found)
    return Takeover(adopted=[(name, warehouse.count(*name)) for name in found.foreign])
