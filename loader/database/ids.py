"""The ids of what the seeds name, for programs that look them up in a file."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from loader.database.warehouse import Warehouse
from loader.errors import WarehouseError
from loader.settings import Target

_TABLES = ("organizations", "teams", "report_types")
_ORGANIZATIONS = "select name, cast(id as text) from organizations order by name"
_REPORT_TYPES = "select name, cast(id as text) from report_types order by name"
_TEAMS = """
    select teams.name, organizations.name, cast(teams.id as text)
    from teams
    inner join organizations on teams.organization_id = organizations.id
    order by teams.name, organizations.name
"""


def read_ids(warehouse: Warehouse, target: Target, project_id: str | None) -> Mapping[str, Any]:
    """The document of the file `.neon-db-ids.{target}.json`, in the old system's shape.

    Args:
        warehouse: The database.
        target: Its environment.
        project_id: Of Neon; None where it is not known.

    Returns:
        `projectId`, and id by name in `organizations`, `teams` and `reportTypes`. A team whose name
        another organization's team has, too, is named `organization/team`.

    Raises:
        WarehouseError: The database holds none of those.
    """
    missing = set(_TABLES) - warehouse.final_tables()
    organizations = {} if missing else dict(warehouse.fetch(_ORGANIZATIONS))
    if not organizations:
        message = (
            "Could not find project UUID: the database holds no organizations, teams and report"
            " types yet.\n"
            f"Build it from the seeds: dbt build --target {target}"
        )
        raise WarehouseError(message)
    teams = warehouse.fetch(_TEAMS)
    count = Counter(name for name, _, _ in teams)
    return {
        "projectId": project_id,
        "organizations": organizations,
        "teams": {
            name if count[name] == 1 else f"{organization}/{name}": id_
            for name, organization, id_ in teams
        },
        "reportTypes": dict(warehouse.fetch(_REPORT_TYPES)),
    }
