"""Removing old versions from raw."""

from loader import tables
from loader.database.warehouse import APPLIED, FINISHED, check_release
from loader.errors import WarehouseError
from loader.load.lock import only_writer
from loader.maintenance import WITH_BLOBS
from loader.settings import Settings

# What a version is one of, and which is the latest: as the next run and the models look for it.
_VERSIONS = {
    "daily_reports": (
        "team, source_path, author_name, report_date",
        "loaded_at desc, line_number desc",
    ),
    "meeting_transcripts": ("team, source_path", "loaded_at desc"),
    "files": ("kind, source_path", "loaded_at desc"),
}
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
"""  # noqa: S608 - constants only
# A row's blob is told by the reading of its file: `verify --orphans` goes by readings.
_REFERRING = " union all ".join(map("select blob_url from {}".format, WITH_BLOBS))
_UNREFERENCED = f"""
    and not exists (
        select 1 from ({_REFERRING}) as referring where referring.blob_url = files.blob_url
    )
"""  # noqa: S608 - constants only
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
"""  # noqa: S608 - constants only


def prune(settings: Settings, keep: int) -> dict[str, int]:
    """Remove old versions from raw that every final table has taken in.

    What the next run compares with, and what another row refers to, stays; no final row changes.

    Args:
        settings: Which database.
        keep: How many versions of each day, transcript and reading of a file stay, 1 or more.

    Returns:
        How many rows went, by table.

    Raises:
        LockedError: A run is loading.
        WarehouseError: The final tables are not built yet.
    """
    with only_writer(settings) as warehouse, warehouse.transaction():
        check_release(warehouse)
        there = {f"{schema}.{n}" for schema in ("raw", "public") for n in warehouse.tables(schema)}
        has_ledger = "applied_loads" in warehouse.tables("bookkeeping")
        if not has_ledger or not there.issuperset(WITH_BLOBS):
            message = f"not all is built yet. First: dbt build --target {settings.target}"
            raise WarehouseError(message)
        removed = {}
        for table, (version, order) in _VERSIONS.items():
            columns = order.replace(" desc", "")
            statement = _OLD.format(table=table, version=version, order=order, columns=columns)
            statement += _UNREFERENCED if table == tables.FILES.name else ""
            removed[f"raw.{table}"] = warehouse.change(statement, [keep])
        removed["raw.rejections"] = warehouse.change(_WITHOUT_READING)
    return {table: count for table, count in removed.items() if count}
