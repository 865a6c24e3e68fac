"""The weekly load in Dagster: the loader makes the raw tables, dbt everything else.

dagster dev -f examples/dagster/definitions.py
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dagster as dg
from dagster_dbt import DbtCliResource, DbtProject, dbt_assets
from loader import load
from loader.tables import RAW_TABLES

TARGET = os.environ.get("ORCHESTRATOR_TARGET", "local")
WORKSPACE = os.environ.get("ORCHESTRATOR_WORKSPACE", "../orchestrator")
ROOT = Path(os.environ.get("ORCHESTRATOR_PROJECT", Path(__file__).parents[2]))

folder = Path(os.environ.get("WAREHOUSE_DIR") or ".warehouse", "dbt/dagster").absolute()
project = DbtProject(project_dir=ROOT, profiles_dir=ROOT, target=TARGET, target_path=folder)
project.preparer.prepare(project)  # dbt parse: writes the manifest


# The keys are those that dagster-dbt gives dbt's sources, so what is downstream follows.
@dg.multi_asset(specs=[dg.AssetSpec(["raw", name], kinds={"dlt"}) for name in RAW_TABLES])
def raw_tables() -> Iterator[dg.MaterializeResult]:
    """Load the workspace. A LoaderError fails the step, with its message."""
    summary = load(WORKSPACE, target=TARGET)
    for name in RAW_TABLES:
        counts = summary.kinds.get(name)  # tables that are fed by files of one kind have counts
        metadata = {"loaded": counts.loaded, "rows": counts.rows} if counts else {}
        yield dg.MaterializeResult(asset_key=["raw", name], metadata=metadata)


@dbt_assets(manifest=project.manifest_path)
def tables(context: dg.AssetExecutionContext, dbt: DbtCliResource) -> Iterator[Any]:
    """Seeds, final tables, contents and views, with their tests."""
    yield from dbt.cli(["build"], context=context).stream()


weekly = dg.define_asset_job("weekly_load", selection="*")
definitions = dg.Definitions(
    assets=[raw_tables, tables],
    jobs=[weekly],
    schedules=[dg.ScheduleDefinition(job=weekly, cron_schedule="0 6 * * 1")],
    resources={"dbt": DbtCliResource(project_dir=project)},
)

if __name__ == "__main__":  # what the test looks at
    graph = definitions.resolve_asset_graph()
    keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
    made = {key.to_user_string() for key in graph.executable_asset_keys}
    print(json.dumps({"assets": sorted(made), "not made": sorted(keys - made)}))
