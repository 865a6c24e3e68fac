"""Remove old versions from raw."""

from loader.database.queries import APPLIED, FINISHED
from loader.database.warehouse import check_release
from loader.errors import WarehouseError
from loader.loading.lock import only_writer
from loader.maintenance import WITH_BLOBS
from loader.maintenance.contents import statements_of_no_text
from loader.settings import Settings
from loader.tables import DATA_TABLES, FILES
from loader.tables.definition import RawTable

_OLD = f"""
    delete from raw.{{table}}
    where
        row_id in (
            select row_id
            from
                (
                    select
                        row_id,
                        row_number() over (
                            partition by {{version}} order by {{order}}
                        ) as age
                    from
                        (
                            select row_id, {{version}}, {{columns}}
                            from raw.{{table}}
                            where {FINISHED}
                        ) as finished
                ) as aged
            where age > %s
        )
        and _dlt_load_id in ({APPLIED})
"""
# Keep the reading that names a row's blob: `verify --orphans` goes by readings.
_REFERRING = " union all ".join(map("select blob_url from {}".format, WITH_BLOBS))
_UNREFERENCED = f"""
    and not exists (
        select 1 from ({_REFERRING}) as referring where referring.blob_url = files.blob_url
    )
"""
_WITHOUT_READING = f"""
    delete from raw.rejections
    where
        not exists (
            select 1
            from raw.files
            where
                files.run_id = rejections.run_id
                and files.kind = rejections.kind
                and files.source_path = rejections.source_path
        )
        and _dlt_load_id in ({APPLIED})
"""
_PRUNED = [f"raw.{table.name}" for table in (*DATA_TABLES.values(), FILES)] + ["raw.rejections"]


def prune(settings: Settings, keep: int, *, is_dry: bool = False) -> dict[str, int]:
    """Remove old versions from raw that every final table has applied.

    Keep the rows that the next run compares with, and those that another row refers to. Change no
    final row.

    Args:
        settings: The settings of the target.
        keep: Versions to keep of each day, transcript and reading of a file; at least 1.
        is_dry: Only count the rows; remove none.

    Returns:
        The number of rows removed, or to be removed, by table.

    Raises:
        LockedError: A run is loading.
        WarehouseError: The final tables are not built yet.
    """
    with (
        only_writer(settings, _PRUNED) as warehouse,
        warehouse.transaction(is_kept=not is_dry),
    ):
        check_release(warehouse)
        there = {f"raw.{name}" for name in warehouse.tables("raw")} | warehouse.final_tables()
        has_ledger = "applied_loads" in warehouse.tables("bookkeeping")
        if not has_ledger or not there.issuperset(WITH_BLOBS):
            message = (
                f"Some loads are not built yet. Build first: dbt build --target {settings.target}"
            )
            raise WarehouseError(message)
        removed = {}
        # Delete readings last: keep those whose blob a row still has.
        for table in (*DATA_TABLES.values(), FILES):
            if table.version_of:
                statement = _old_versions(table) + _UNREFERENCED * (table is FILES)
                removed[f"raw.{table.name}"] = warehouse.change(statement, [keep])
        removed["raw.rejections"] = warehouse.change(_WITHOUT_READING)
        for name, statement in statements_of_no_text(there):
            removed[name] = warehouse.change(statement)
    return {table: count for table, count in removed.items() if count}


def _old_versions(table: RawTable) -> str:
    """Return the statement that removes old versions, ranked as by the next run and the models."""
    latest = ["loaded_at", *filter(None, [table.tie_break])]
    return _OLD.format(
        table=table.name,
        version=", ".join(table.version_of),
        columns=", ".join(latest),
        order=", ".join(f"{column} desc" for column in latest),
    )
