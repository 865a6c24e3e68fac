"""Files of ours that may hold texts: they go, for every command makes them again."""

from loader.extract.run_folder import remove_tree
from loader.load.run import remove_run_folders
from loader.settings import Settings

# Of dbt's target folder: statements as they ran, and failures, which quote rows.
_OF_DBT = ("compiled", "run", "run_results.json", "sources.json")


def remove_leftovers(settings: Settings) -> None:
    """Remove folders of runs with their parts, dlt's working folder, and what dbt wrote."""
    remove_run_folders(settings)
    remove_tree(settings.working_dir / settings.pipeline_name)
    for name in _OF_DBT:
        remove_tree(settings.dbt_target_dir / name)
    for log in settings.dbt_log_dir.glob("dbt.log*"):
        remove_tree(log)
    if not settings.database:
        # What DuckDB spilled before it was killed.
        remove_tree(settings.duckdb_path.with_name(f"{settings.duckdb_path.name}.tmp"))
