"""What a takeover does with the database of the system that this one replaces, once.

That system stored the first word of a name, shifted days east of Greenwich, and seeded its tables
again at each setup. Its rows hold the truth in their own texts: `texts` reads them with the
parsers, `plan` decides what each row is and which rows are one, `database` reads the rows and
carries the plan out. `shape` has the names of its first schema, and its triggers. PostgreSQL only:
that system had no other database.
"""

from dataclasses import dataclass, field

from loader.database import objects
from loader.database.objects import Name, Objects
from loader.database.warehouse import Warehouse
from loader.takeover.database import carry_out, read_plan
from loader.takeover.plan import Plan
from loader.takeover.shape import Renaming, Trigger, drop_trigger, names_of, renamings, triggers
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


def take_over(warehouse: Warehouse, found: Objects) -> Takeover:
    """Make the tables of others ours, and their rows what their texts say.

    Args:
        warehouse: The database, in a transaction.
        found: What `objects.read` has found in it.

    Raises:
        WarehouseError: A table cannot be ours, or the database refused a change.
        SettingsError: A seed cannot be read.
    """
    renamed, dropped, plan = [], [], Plan()
    if warehouse.is_postgres:
        renamed = renamings(warehouse, names_of(found.foreign, warehouse.final_schema))
        for each in renamed:
            warehouse.execute(each.statement)
        if renamed:
            found = objects.read(warehouse)
    objects.check_adoptable(warehouse, found)
    adopted = [(name, warehouse.count(*name)) for name in found.foreign]
    objects.adopt(warehouse, found)
    if warehouse.is_postgres:
        dropped = triggers(warehouse, names_of(found.foreign, warehouse.final_schema))
        for trigger in dropped:
            drop_trigger(warehouse, trigger)
        plan = read_plan(warehouse, load_names())
        if not plan.is_empty:
            carry_out(warehouse, plan)
    return Takeover(adopted=adopted, renamed=renamed, triggers=dropped, plan=plan)
