"""Read the role's rights in our schemas for `check`."""

from dataclasses import dataclass

from loader.database.warehouse import Warehouse
from loader.tables import object_names


@dataclass(frozen=True, slots=True)
class Rights:
    """The rights of a role.

    Args:
        role: The role's name.
        abilities: Whether it may load, build and read.
        for_build: The statements that let it create the final tables, if it may not.
    """

    role: str
    abilities: dict[str, bool]
    for_build: list[str]

    @property
    def lacks_final_schema_only(self) -> bool:
        """Whether a build lacks rights on the final schema only."""
        return len(self.for_build) == 1


def read_rights(warehouse: Warehouse) -> Rights:
    """Read the rights of a PostgreSQL connection's role."""
    schemas, final = object_names(warehouse.final_schema), warehouse.final_schema
    role, quoted, database, is_owner = warehouse.fetch(
        "select current_user, quote_ident(current_user), quote_ident(current_database()),"
        " has_database_privilege(current_database(), 'CREATE')"
    )[0]
    found = warehouse.fetch(
        "select nspname, has_schema_privilege(nspname, 'USAGE'),"
        " has_schema_privilege(nspname, 'CREATE')"
        " from pg_namespace where nspname = any(%s)",
        [list(schemas)],
    )
    usable = {name for name, can_use, _ in found if can_use}
    filled = {name for name, _, can_create in found if can_create}
    if is_owner:  # the owner of a schema may create tables in it
        filled |= {*schemas}.difference(name for name, *_ in found)
    built = {final, "seeds", "bookkeeping", "content", "reporting"}
    for_build = []
    if final not in filled:
        if not is_owner and built - filled != {final}:
            for_build.append(f"grant create on database {database} to {quoted}")
        for_build.append(f"grant create on schema {final} to {quoted}")
    abilities = {
        "load": "raw" in filled,
        "build": built <= filled,
        "read": {final, "reporting"} <= usable | filled,
    }
    return Rights(role, abilities, for_build)
