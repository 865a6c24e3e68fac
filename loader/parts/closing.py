"""What only a whole run tells, when all its parts are in the database.

The days of which another file has another text are noted, those that their own path has given
before are taken out, and rejections of what is no longer there are ended: as a run without parts
does while it reads (findings.py, source.py).
"""

from collections.abc import Iterator

import pyarrow as pa

from loader import rows
from loader.errors import WarehouseError
from loader.findings import same_day_twice
from loader.kinds import FOLDERS, Kind
from loader.parsing import PARSER_VERSION
from loader.parts.commit import Committer
from loader.parts.folder import Frozen, Plan
from loader.rejections import Rejection
from loader.run import Outcome
from loader.source import of_file
from loader.warehouse import FINISHED, READINGS, Warehouse
from loader.workspace import SourceFile, Workspace

_CLOSING = "closing"
_IN_LOAD = "_dlt_load_id = %s"
# Latest wins, as where a run reads: the days of finished loads, by path.
_LATEST = f"""
    select distinct on (source_path, author_name, report_date)
        team, source_path, author_name, report_date, checksum_sha256
    from raw.daily_reports
    inner join days_of_load using (author_name, report_date)
    where {FINISHED}
    order by source_path, author_name, report_date, loaded_at desc, line_number desc
"""  # noqa: S608 - constants only
_NOTES = f"""
    with team_names as (
        select unnest(%s::text[]) as team, unnest(%s::text[]) as team_name
    ),

    loaded as (
        select daily_reports.*, team_names.team_name
        from raw.daily_reports
        inner join team_names using (team)
        where {_IN_LOAD}
    ),

    days_of_load as (select distinct author_name, report_date from loaded),

    -- The path before it, in the order of reading, that gave the same person and day.
    in_order as (
        select
            *,
            lag(source_path) over same_day as path_before,
            lag(checksum_sha256) over same_day as checksum_before
        from loaded
        window same_day as (
            partition by team_name, author_name, report_date
            order by team collate "C", source_path collate "C", line_number
        )
    ),

    stored as (
        select team_names.team_name, latest.*
        from ({_LATEST}) as latest
        inner join team_names using (team)
    ),

    stored_others as (
        select loaded.row_id, min(stored.source_path) as source_path
        from loaded
        inner join stored using (team_name, author_name, report_date)
        where
            stored.source_path <> loaded.source_path
            and stored.checksum_sha256 <> loaded.checksum_sha256
        group by loaded.row_id
    ),

    others as (
        select
            in_order.*,
            case
                when path_before <> in_order.source_path and checksum_before <> checksum_sha256
                    then path_before
                else stored_others.source_path
            end as other_path
        from in_order
        left join stored_others using (row_id)
    )

    select team, source_path, file_sha256, line_number, author_name, report_date, other_path
    from others
    where other_path is not null
    order by team collate "C", source_path collate "C", line_number
"""  # noqa: S608 - constants only
_TOLD = f"""
    select source_path, count(*)
    from raw.rejections
    where {_IN_LOAD} and kind = 'daily_reports' and source_path = any(%s)
    group by source_path
"""  # noqa: S608 - constants only
_TAKE_OUT = f"""
    delete from raw.daily_reports
    where
        {_IN_LOAD}
        and row_id in (
            with days_of_load as (
                select distinct author_name, report_date
                from raw.daily_reports
                where {_IN_LOAD}
            )

            select daily_reports.row_id
            from raw.daily_reports
            inner join ({_LATEST}) as latest
                using (source_path, author_name, report_date, checksum_sha256)
            where daily_reports.{_IN_LOAD}
        )
"""  # noqa: S608 - constants only
_ENDED = f"""
    select kind, source_path, team
    from ({READINGS}) as readings
    where
        worst is not null
        and not exists (
            select 1
            from raw.files
            where
                {_IN_LOAD}
                and files.kind = readings.kind
                and files.source_path = readings.source_path
        )
    order by kind, source_path collate "C"
"""  # noqa: S608 - constants only
_COMMITTED = """
    select count(*) filter (where part_id <> %s), coalesce(sum(row_count), 0)
    from raw._committed_parts
    where run_id = %s
"""
_IS_FINISHED = "select 1 from raw._dlt_loads where load_id = %s"
_FINISH = """
    insert into raw._dlt_loads (load_id, schema_name, status, inserted_at, schema_version_hash)
    select cast(%s as text), schema_name, 0, current_timestamp, version_hash
    from raw._dlt_version
    where schema_name = 'workspace'
    order by inserted_at desc
    limit 1
"""

_Told = list[tuple[Kind, str, Rejection]]


def close(
    plan: Plan, frozen: Frozen, workspace: Workspace, warehouse: Warehouse, committer: Committer
) -> _Told:
    """Have a run's load count as finished; nothing of it changes any more.

    Args:
        plan: What the run is.
        frozen: What it has read.
        workspace: Where from.
        warehouse: The connection of the one writer.
        committer: For the rows of the notes.

    Returns:
        The notes: kind, path and rejection.

    Raises:
        WarehouseError: A part is missing, or the database refused something.
    """
    run_id = plan.run_id
    if warehouse.fetch(_IS_FINISHED, [run_id]):
        return []  # it was stopped behind its end
    notes = list(_notes(plan, workspace, warehouse))
    batches = [
        *_batches(rows.REJECTIONS, [row for _, row in notes]),
        *_batches(rows.FILES, list(_gone(plan, workspace, warehouse))),
    ]
    if batches:
        count = sum(len(batch) for _, batch in batches)
        committer.commit(run_id, _CLOSING, count, batches)
    parts, count = warehouse.fetch(_COMMITTED, [_CLOSING, run_id])[0]
    if parts != frozen.parts:
        message = f"{parts:,} of {frozen.parts:,} parts of the run {run_id} are in the database."
        raise WarehouseError(message)
    with warehouse.transaction():
        if not plan.is_full:
            warehouse.execute(_TAKE_OUT, [run_id] * 3)
        if count:
            warehouse.execute(_FINISH, [run_id])
    return [told for told, _ in notes]


def _notes(
    plan: Plan, workspace: Workspace, warehouse: Warehouse
) -> Iterator[tuple[tuple[Kind, str, Rejection], tuple[object, ...]]]:
    """Each note, and its row."""
    teams = [list(plan.teams), list(plan.teams.values())]
    found = [
        row for row in warehouse.fetch(_NOTES, [*teams, plan.run_id]) if workspace.exists(row[-1])
    ]
    paths = sorted({path for _, path, *_ in found})
    told = dict(warehouse.fetch(_TOLD, [plan.run_id, paths])) if paths else {}
    kind = Kind.DAILY_REPORTS
    for team, path, sha256, line_number, author, day, other in found:
        note = same_day_twice(author, day, other, line_number)
        first = told.get(path, 0)
        told[path] = first + 1
        record = (kind, line_number, note.reason.severity, note.reason, note.detail)
        file = SourceFile(kind, team, path, "")
        (row,) = of_file(rows.REJECTIONS, file, sha256, plan.stamp, [record], first)
        yield (kind, path, note), row


def _gone(plan: Plan, workspace: Workspace, warehouse: Warehouse) -> Iterator[tuple[object, ...]]:
    """Readings that end the rejections of paths which are no longer met."""
    for name, path, team in warehouse.fetch(_ENDED, [plan.run_id]):
        kind = Kind(name)
        if plan.folders is not None and team not in plan.folders:
            continue
        is_input = path.startswith(f"{FOLDERS[kind].of_team(team)}/")
        # Of Jira, a run reads the best file only.
        if kind is not Kind.JIRA_SNAPSHOTS and is_input and workspace.exists(path):
            continue
        record = (
            *(kind, None, None, None, Outcome.GONE, PARSER_VERSION),
            *(plan.stamp.started_at, plan.triggered_by),
        )
        yield of_file(rows.FILES, SourceFile(kind, team, path, ""), None, plan.stamp, [record])[0]


def _batches(
    table: rows.Table, values: list[tuple[object, ...]]
) -> Iterator[tuple[str, pa.RecordBatch]]:
    batches = rows.Batches()
    yield from batches.add(table, values, 0)
    yield from batches.rest()
