"""Take over the database of the system that this one replaces, once.

That system stored the first word of a name, shifted days east of Greenwich, and seeded its tables
again at each setup. The texts of its rows show the correct values. `texts` parses them, `rows`
reads the rows, `plan` decides which rows belong together, and `changes` executes the plan. `shape`
handles the names of its first schema and its triggers. PostgreSQL only: that system had no other
database.
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
    """The result of a takeover, or of a trial.

    Args:
        adopted: Schema, name and number of rows of each adopted object.
        renamed: Objects that had names of the first schema.
        triggers: Dropped triggers that set `updated_at`.
        plan: The changes of the rows.
    """

    adopted: list[tuple[Name, int]]
    renamed: list[Renaming] = field(default_factory=list)
    triggers: list[Trigger] = field(default_factory=list)
    plan: Plan = field(default_factory=Plan)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to change."""
        return not self.adopted and self.plan.is_empty


def take_over(warehouse: Warehouse, more: Iterable[str] = (), *, is_kept: bool) -> Takeover:
    """Adopt tables of another system, and correct their rows by their texts.

    Args:
        warehouse: The database. A DuckDB file may be read-only if nothing is kept.
        more: Tables and views of others to adopt as well, with their schemas.
        is_kept: Whether to keep the changes; otherwise they are rolled back.

    Raises:
        WarehouseError: A table cannot be adopted, or the database rejected a change.
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
