"""The queries for `status`, made from the list of tables."""

from loader.database.queries import APPLIED, FINISHED
from loader.tables import DATA_TABLES, FILE_TABLES
from loader.tables.contents import CONTENT_TABLES

_MOST_LOADS = 10

ORGANIZATIONS = "select name, description from organizations order by name"
TEAMS = """
    select teams.name, organizations.name
    from teams
    inner join organizations on teams.organization_id = organizations.id
    order by teams.name
"""
REPORT_TYPES = "select name, description from report_types order by name"
_DAYS = " union all ".join(
    f"""
        select
            '{kind}' as kind, team_id, {first} as first_day, {last} as last_day
        from {table.name}
    """
    for kind, table in FILE_TABLES.items()
    for first, last in [table.days or ("null", "null")]
)
_OF_CONTENTS = " union all ".join(
    f"""
        select '{table.name}', parents.team_id, {first}, {last}
        from content.{table.name} as contents
        inner join {kind} as parents on contents.{parent} = parents.id
    """
    for table in CONTENT_TABLES.values()
    for kind, parent in table.parents.items()
    for first, last in [FILE_TABLES[kind].days or ("null", "null")]
)
_COUNTS = """
    with stored as ({stored})

    select teams.name, stored.kind, count(*), min(stored.first_day), max(stored.last_day)
    from stored
    inner join teams on stored.team_id = teams.id
    where stored.last_day >= %s
    group by teams.name, stored.kind
    order by teams.name, stored.kind
"""
COUNTS = _COUNTS.format(stored=_DAYS)
COUNTS_WITH_CONTENTS = _COUNTS.format(stored=f"{_DAYS} union all {_OF_CONTENTS}")
_WEEKLY = " union all ".join(
    f"""
        select
            '{kind}' as kind, team_id, collected_week_start, collected_week_end, loaded_at,
            blob_key, byte_size
        from {table.name}
    """
    for kind, table in FILE_TABLES.items()
    if table.is_weekly
)
# Rows of the replaced system have no `loaded_at`. They count as one run, the first: that system
# stored the same week again at each run, under the same name.
WEEKS = f"""
    with stored as ({_WEEKLY}),

    dated as (
        select
            *, coalesce(loaded_at, cast('1970-01-01' as timestamp with time zone)) as run_at
        from stored
    ),

    ranked as (
        select
            *,
            run_at = max(run_at) over (
                partition by kind, team_id, collected_week_start, collected_week_end
            )
            and row_number() over (
                partition by
                    kind, team_id, collected_week_start, collected_week_end, run_at, blob_key
            ) = 1 as is_latest
        from dated
    )

    select
        teams.name,
        ranked.kind,
        ranked.collected_week_start,
        ranked.collected_week_end,
        count(distinct ranked.run_at),
        cast(sum(case when ranked.is_latest then coalesce(ranked.byte_size, 0) end) as bigint)
    from ranked
    inner join teams on ranked.team_id = teams.id
    where ranked.collected_week_end >= %s
    group by 1, 2, 3, 4
    order by 3 desc, 1, 2
"""
AUTHORS = """
    select teams.name, daily_reports.author_name, count(*)
    from daily_reports
    inner join teams on daily_reports.team_id = teams.id
    group by 1, 2
"""
WITHOUT_TYPE = """
    select team_folder, filename, pattern, count(*), max(generated_at)
    from reporting.reports_without_type
    group by team_folder, filename, pattern
    order by team_folder, filename, pattern
"""
LOADS = f"""
    select
        loads.loaded_at,
        loads.load_id,
        loads.started_at,
        finished.finished_at,
        loads.loaded_by,
        loads.files
    from
        (
            select
                _dlt_load_id as load_id,
                max(loaded_at) as loaded_at,
                min(started_at) as started_at,
                max(loaded_by) as loaded_by,
                count(*) as files
            from raw.files
            where {FINISHED} and loaded_at >= %s
            group by _dlt_load_id
            order by loaded_at desc
            limit {_MOST_LOADS}
        ) as loads
    inner join
        (
            select load_id, finished_at from raw.runs where finished_at is not null
        ) as finished
        using (load_id)
    order by loads.loaded_at desc
"""
_LOADED = " union all ".join(f"select _dlt_load_id from raw.{kind}" for kind in DATA_TABLES)
LOADED_ROWS = f"""
    select _dlt_load_id, count(*)
    from ({_LOADED}) as loaded
    where _dlt_load_id = any(%s)
    group by _dlt_load_id
"""
UNAPPLIED = f"""
    select count(*)
    from raw.runs
    where finished_at is not null and load_id is not null and load_id not in ({APPLIED})
"""
UNFINISHED = """
    select started_at, loaded_by from raw.runs where finished_at is null order by started_at
"""
# Only the latest reading of a path counts: a later successful reading ends its rejections.
REJECTIONS = f"""
    with readings as (
        select distinct on (kind, source_path) kind, source_path, run_id
        from raw.files
        where {FINISHED}
        order by kind, source_path, loaded_at desc
    )

    select
        rejections.severity,
        rejections.reason,
        rejections.kind,
        rejections.source_path,
        rejections.line_number,
        rejections.detail,
        rejections.team
    from raw.rejections
    inner join readings using (kind, source_path, run_id)
    where rejections.loaded_at >= %s
    order by 1, 2, 3, 4, 5, 6
"""
