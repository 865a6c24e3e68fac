"""Each database records its environment, so that data never gets into another environment."""

from loader.database.warehouse import Warehouse
from loader.errors import WarehouseError
from loader.settings import Target

# Same statement as in macros/environment.sql.
_TABLE = """
    create table if not exists bookkeeping.environment (
        is_only boolean primary key default true check (is_only),
        name text not null,
        since timestamp with time zone not null default current_timestamp
    )
"""
_REMEMBER = """
    insert into bookkeeping.environment (name) values (%s)
    on conflict (is_only) do update set name = excluded.name, since = excluded.since
"""


def check(
    warehouse: Warehouse, target: Target, *, is_adopting: bool, is_there: bool | None = None
) -> str | None:
    """Return the recorded environment, after a check that it is the target's.

    Args:
        warehouse: The database.
        target: The expected environment.
        is_adopting: Whether to accept another environment.
        is_there: Whether bookkeeping.environment exists; None to query it.

    Raises:
        WarehouseError: The database belongs to another environment.
    """
    name = warehouse.environment(is_there=is_there)
    if name not in (None, target) and not is_adopting:
        message = (
            f"This is the database of {name!r}, and the target is '{target}'. Nothing was"
            f" written.\nName the target that is meant, or give '{target}' an address of its own:"
            f" DATABASE_URL_{target.upper()}.\n"
            f"If it is to be of '{target}' from now on, as a copy or a branch is, run once:"
            f" python -m loader run --target {target} --adopt-environment"
        )
        raise WarehouseError(message)
    return name


def claim(warehouse: Warehouse, target: Target) -> None:
    """Record the target as the environment of a database that passed `check`."""
    # Check first, because creating a table needs a right on the schema, which a writer lacks.
    if "environment" not in warehouse.tables("bookkeeping"):
        warehouse.execute(_TABLE)
    warehouse.execute(_REMEMBER, [str(target)])
