"""Maintain `raw.runs`, which records the finished loads.

A run inserts its row before it loads, and sets `finished_at` last, in one statement that also
counts its rows. Rows of unfinished runs are invisible; the next run removes them.
"""

import json
from collections.abc import Mapping
from datetime import datetime

from loader.database.warehouse import Warehouse
from loader.errors import WarehouseError
from loader.extract.contents import contents_described
from loader.extract.options import RunInfo, RunOptions
from loader.tables import DATA_TABLES, TABLES

_AFTER_LAST = "(select max(loaded_at) + interval '1 microsecond' from raw.files)"
_PARSED = """
    (
        select contents
        from raw.runs
        where finished_at is not null
        order by loaded_at desc
        limit 1
    )
"""
_LOADS = "select load_id from raw.runs where load_id is not null"
_UNFINISHED = "select count(*) from raw.runs where finished_at is null"
_DELETE = 'delete from raw."{}" where _dlt_load_id = any(%s)'
_DELETE_OF_DLT = "delete from raw._dlt_loads where load_id = any(%s)"
_DELETE_RUNS = "delete from raw.runs where finished_at is null returning load_id"
_BEGIN = """
    insert into raw.runs
        (run_id, load_id, loaded_at, started_at, loaded_by, options, file_count, row_count,
        contents, finished_at)
    values (%s, %s, %s, %s, %s, %s, %s, %s, %s, {finished_at})
"""
_COUNT = 'select count(*) from raw."{}" where _dlt_load_id = %s'
_FINISH = "update raw.runs set finished_at = {clock} where run_id = %s"

# Before raw.runs, dlt's own table recorded finished loads. A kill could leave two rows for one load
# there, the rows of a job twice, and rows of loads that never finished.
_OLD_LOADS = """
    select load_id, min(inserted_at) as finished_at
    from raw._dlt_loads
    where status = 0 and schema_name = 'workspace'
    group by load_id
"""
_IS_OLD = "select not exists (select 1 from raw.runs)"
_ADOPT_FINISHED = f"""
    insert into raw.runs
        (run_id, load_id, loaded_at, started_at, finished_at, loaded_by, file_count)
    select
        coalesce(reads.run_id, loads.load_id),
        loads.load_id,
        coalesce(reads.loaded_at, loads.finished_at),
        coalesce(reads.started_at, reads.loaded_at, loads.finished_at),
        loads.finished_at,
        reads.loaded_by,
        reads.file_count
    from ({_OLD_LOADS}) as loads
    left join
        (
            select
                _dlt_load_id as load_id,
                min(run_id) as run_id,
                max(loaded_at) as loaded_at,
                min(started_at) as started_at,
                max(loaded_by) as loaded_by,
                count(distinct row_id) as file_count
            from raw.files
            group by _dlt_load_id
        ) as reads
        on loads.load_id = reads.load_id
    where loads.load_id not in ({_LOADS})
"""
_ALL_LOADS = " union ".join(map("select _dlt_load_id as load_id from raw.{}".format, TABLES))
_ADOPT_UNFINISHED = f"""
    insert into raw.runs (run_id, load_id, loaded_at, started_at)
    select load_id, load_id, current_timestamp, current_timestamp
    from ({_ALL_LOADS}) as loads
    where load_id not in ({_LOADS})
"""
_DELETE_REPEATED = """
    delete from raw."{table}"
    where
        {position} in (
            select position
            from
                (
                    select
                        {position} as position,
                        row_number() over (partition by row_id order by {position}) as number
                    from raw."{table}"
                ) as numbered
            where number > 1
        )
"""


def next_run(warehouse: Warehouse, *, is_first: bool) -> tuple[datetime, str]:
    """Return the `loaded_at` of the next run, and the kinds of texts that the latest run parsed.

    `loaded_at` is the database's time, or a microsecond after the last load if its clock went back.

    Args:
        warehouse: The database.
        is_first: Whether no raw tables exist yet.
    """
    latest, parsed = ("null", "null") if is_first else (_AFTER_LAST, _PARSED)
    query = f"select greatest({warehouse.clock}, {latest}), {parsed}"
    loaded_at, contents = warehouse.fetch(query)[0]
    return loaded_at, contents or ""


def adopt_earlier_releases(warehouse: Warehouse) -> None:
    """Record the loads of releases before `raw.runs`, and remove rows that a kill duplicated.

    Args:
        warehouse: The database, which has all raw tables and dlt's own.
    """
    if not warehouse.fetch(_IS_OLD)[0][0]:
        return
    with warehouse.transaction():
        warehouse.execute(_ADOPT_FINISHED)
        warehouse.execute(_ADOPT_UNFINISHED)
        position = "ctid" if warehouse.is_postgres else "rowid"
        for table in TABLES:
            warehouse.execute(_DELETE_REPEATED.format(table=table, position=position))
        warehouse.execute("drop table if exists raw._committed_parts")


def remove_unfinished(warehouse: Warehouse) -> int:
    """Remove the rows of unfinished runs; return the number of these runs.

    Their rows in `raw.runs` are removed first. A process that has lost the advisory lock and still
    loads locks its row there (loading/dlt_postgres.py). So either its rows are removed here, or it
    finds that its row is gone.
    """
    if not warehouse.fetch(_UNFINISHED)[0][0]:
        return 0
    with warehouse.transaction():
        loads = [load_id for (load_id,) in warehouse.fetch(_DELETE_RUNS)]
        for table in TABLES:
            warehouse.execute(_DELETE.format(table), [loads])
        if "_dlt_loads" in warehouse.tables("raw"):
            warehouse.execute(_DELETE_OF_DLT, [loads])
    return len(loads)


def begin(
    warehouse: Warehouse,
    run: RunInfo,
    options: RunOptions,
    load_id: str | None,
    rows: Mapping[str, int],
) -> None:
    """Record a run before its rows are loaded; a run without rows is finished immediately.

    Args:
        warehouse: The database.
        run: The run's id, times and user.
        options: The run's options.
        load_id: The id of dlt's load; None if there is nothing to load.
        rows: The expected number of rows by raw table.
    """
    files = rows.get("files", 0)
    others = sum(rows.get(table.name, 0) for table in DATA_TABLES.values())
    described = json.dumps(options.described(), ensure_ascii=False)
    times = (run.loaded_at, run.started_at)
    contents = contents_described(options.contents)
    values = (str(run.run_id), load_id, *times, run.loaded_by, described, files, others, contents)
    finished_at = "null" if load_id else warehouse.clock
    warehouse.execute(_BEGIN.format(finished_at=finished_at), values)


def finish(warehouse: Warehouse, run: RunInfo, load_id: str, rows: Mapping[str, int]) -> None:
    """Mark a run as finished, if each raw table has exactly the expected rows.

    Args:
        warehouse: The database.
        run: The run's id, times and user.
        load_id: The id of dlt's load.
        rows: The expected number of rows by raw table.

    Raises:
        WarehouseError: A table has more or fewer rows. None of the run's rows are visible.
    """
    statement, params = _FINISH.format(clock=warehouse.clock), [str(run.run_id)]
    for table in TABLES:
        statement += f" and ({_COUNT.format(table)}) = {int(rows.get(table, 0))}"
        params.append(load_id)
    if warehouse.change(statement, params) == 1:
        return
    counts = {name: warehouse.fetch(_COUNT.format(name), [load_id])[0][0] for name in TABLES}
    wrong = [
        f"raw.{name} has {count:,} of {rows.get(name, 0):,}"
        for name, count in counts.items()
        if count != rows.get(name, 0)
    ]
    raise WarehouseError(
        f"The load is not complete: {', '.join(wrong) or 'its row in raw.runs is gone'}.\n"
        "Nothing of this run counts. Run the same command again: it removes these rows and loads"
        " again."
    )
