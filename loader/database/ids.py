"""Read the ids of organizations, teams and report types, for programs that read them in a file."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from loader.database.environment import check
from loader.database.warehouse import Warehouse
from loader.errors import WarehouseError

_TABLES = ("organizations", "teams", "report_types")
_ORGANIZATIONS = "select name, cast(id as text) from organizations order by name"
_REPORT_TYPES = "select name, cast(id as text) from report_types order by name"
_TEAMS = """
    select teams.name, organizations.name, cast(teams.id as text)
    from teams
    inner join organizations on teams.organization_id = organizations.id
    order by teams.name, organizations.name
"""


def read_ids(
    warehouse: Warehouse, folders: Mapping[str, str], project_id: str | None
) -> Mapping[str, Any]:
    """Return the content of `.neon-db-ids.{target}.json`, in the old system's format.

    Args:
        warehouse: The database.
        folders: Team names by folder name, from the seeds.
        project_id: The id of the Neon project; None if unknown.

    Returns:
        `environment`, `databaseName`, `projectId`, and ids by name in `organizations`, `teams`
        and `reportTypes`. A team is also listed under its aliases. If several organizations have
        a team of the same name, these teams are named `organization/team`.

    Raises:
        WarehouseError: The database has none of these, or belongs to another environment.
    """
    settings = warehouse.settings
    if "environment" not in warehouse.unreadable("bookkeeping"):
        check(warehouse, settings.target, is_adopting=False)
    missing = set(_TABLES) - warehouse.final_tables()
    organizations = {} if missing else dict(warehouse.fetch(_ORGANIZATIONS))
    if not organizations:
        message = (
            "Could not find project UUID: the database holds no organizations, teams and report"
            " types yet.\n"
            f"Build it from the seeds: dbt build --target {settings.target}"
        )
        raise WarehouseError(message)
    found = warehouse.fetch(_TEAMS)
    count = Counter(name for name, _, _ in found)
    teams = {
        name if count[name] == 1 else f"{organization}/{name}": id_
        for name, organization, id_ in found
    }
    aliases = {alias: teams[name] for alias, name in folders.items() if name in teams}
    name = settings.database.database if settings.database else settings.duckdb_path.stem
    return {
        "environment": settings.target,
        "databaseName": name,
        "projectId": project_id,
        "organizations": organizations,
        "teams": aliases | teams,
        "reportTypes": dict(warehouse.fetch(_REPORT_TYPES)),
    }
