"""What the database holds, as the status command shows it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loader.database.warehouse import APPLIED, FINISHED, Warehouse, check_release
from loader.errors import WarehouseError

_MOST_LOADS = 10

_ORGANIZATIONS = "select name, description from public.organizations order by name"
_TEAMS = """
    select teams.name, organizations.name
    from public.teams
    inner join public.organizations on teams.organization_id = organizations.id
    order by teams.name
"""
_REPORT_TYPES = "select name, description from public.report_types order by name"
_COUNTS = """
    with stored as (
        select 'daily_reports' as kind, team_id, report_date as first_day, report_date as last_day
        from public.daily_reports
        union all
        select
            'meeting_transcripts',
            team_id,
            cast(transcript_date as date),
            cast(transcript_date as date)
        from public.meeting_transcripts
        union all
        select 'jira_snapshots', team_id, collected_week_start, collected_week_end
        from public.jira_snapshots
        union all
        select 'slack_captures', team_id, collected_week_start, collected_week_end
        from public.slack_captures
        union all
        select
            'generated_reports',
            team_id,
            coalesce(
                cast(output ->> 'date_range_start' as date),
                cast(generated_at at time zone 'UTC' as date)
            ),
            coalesce(
                cast(output ->> 'date_range_end' as date),
                cast(generated_at at time zone 'UTC' as date)
            )
        from public.generated_reports
    )

    select teams.name, stored.kind, count(*), min(stored.first_day), max(stored.last_day)
    from stored
    inner join public.teams on stored.team_id = teams.id
    where stored.last_day >= %s
    group by teams.name, stored.kind
    order by teams.name, stored.kind
"""
_WEEKS = """
    with stored as (
        select
            'jira_snapshots' as kind,
            team_id,
            collected_week_start,
            collected_week_end,
            loaded_at,
            byte_size
        from public.jira_snapshots
        union all
        select
            'slack_captures',
            team_id,
            collected_week_start,
            collected_week_end,
            loaded_at,
            byte_size
        from public.slack_captures
    ),

    ranked as (
        select
            *,
            loaded_at = max(loaded_at) over (
                partition by kind, team_id, collected_week_start, collected_week_end
            ) as is_latest
        from stored
    )

    select
        teams.name,
        ranked.kind,
        ranked.collected_week_start,
        ranked.collected_week_end,
        count(distinct ranked.loaded_at),
        cast(sum(case when ranked.is_latest then ranked.byte_size else 0 end) as bigint)
    from ranked
    inner join public.teams on ranked.team_id = teams.id
    where ranked.collected_week_end >= %s
    group by 1, 2, 3, 4
    order by 3 desc, 1, 2
"""
_WITHOUT_TYPE = """
    select team_folder, filename, pattern, count(*), max(generated_at)
    from reporting.reports_without_type
    group by team_folder, filename, pattern
    order by team_folder, filename, pattern
"""
_LOADS = f"""
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
"""  # noqa: S608 - constants only
_LOADED_ROWS = """
    select _dlt_load_id, count(*)
    from
        (
            select _dlt_load_id from raw.daily_reports
            union all
            select _dlt_load_id from raw.meeting_transcripts
            union all
            select _dlt_load_id from raw.jira_snapshots
            union all
            select _dlt_load_id from raw.slack_captures
            union all
            select _dlt_load_id from raw.generated_reports
        ) as loaded
    where _dlt_load_id = any(%s)
    group by _dlt_load_id
"""
_UNAPPLIED = f"""
    select count(*)
    from raw.runs
    where finished_at is not null and load_id is not null and load_id not in ({APPLIED})
"""  # noqa: S608 - constants only
_UNFINISHED = """
    select started_at, loaded_by from raw.runs where finished_at is null order by started_at
"""
# A path's rejections are those of its latest reading: a later good one ends them.
_REJECTIONS = f"""
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
"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class Count:
    """How much of a kind there is for a team, and from when to when."""

    team: str
    kind: str
    rows: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class CollectedWeek:
    """What Jira or Slack gave a team for a week.

    Args:
        team: The team's name.
        kind: `jira_snapshots` or `slack_captures`.
        start: Its first day.
        end: Its last day.
        runs: In how many runs it was loaded.
        size: Bytes of what the latest of them loaded.
    """

    team: str
    kind: str
    start: date
    end: date
    runs: int
    size: int


@dataclass(frozen=True, slots=True)
class Load:
    """A finished load.

    Args:
        loaded_at: When, by the database's clock.
        loaded_by: Who; None where it was not recorded.
        files: How many readings of files it recorded.
        rows: How many rows they gave.
        seconds: From the run's start to the end of the load; None where it was not recorded.
    """

    loaded_at: datetime
    loaded_by: str | None
    files: int
    rows: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class UnfinishedRun:
    """A run that is under way or did not finish; nothing of it counts.

    Args:
        started_at: When it began, by the clock of its machine.
        loaded_by: Who; None if it was not recorded.
    """

    started_at: datetime
    loaded_by: str | None


@dataclass(frozen=True, slots=True)
class UntypedReport:
    """Generated datasources of one name that no pattern gives a report type.

    Args:
        team: The team's folder.
        filename: Their name.
        pattern: The pattern that matches it and names no type; None where none matches.
        versions: How many there are.
        latest: When the latest was generated.
    """

    team: str
    filename: str
    pattern: str | None
    versions: int
    latest: datetime


@dataclass(frozen=True, slots=True)
class OpenRejection:
    """A rejection of a path's latest reading."""

    severity: str
    reason: str
    kind: str
    path: str
    line_number: int | None
    detail: str


@dataclass(frozen=True, slots=True)
class Scope:
    """What the status is to be about.

    Args:
        names: Folders and names of teams; empty for all.
        since: The first day.
    """

    names: Collection[str] = ()
    since: date = date.min

    def has(self, team: str) -> bool:
        """Whether a folder or a name is among those."""
        return not self.names or team in self.names


@dataclass(frozen=True, slots=True)
class Status:
    """What the database holds.

    Args:
        environment: Of which environment it is; None where it was never asked.
        organizations: Name and description.
        teams: Name and organization.
        report_types: Name and description.
        counts: Per team and kind.
        weeks: Of Jira and Slack, the latest first.
        loads: The latest ones, the latest first.
        unfinished: Runs that are under way or did not finish, the earliest first.
        unapplied: How many finished loads are not in the final tables yet.
        without_type: Generated datasources that wait for a report type.
        rejections: Of the latest reading of each path.
        is_built: Whether the final tables are there.
        is_loaded: Whether the raw tables are there.
    """

    environment: str | None
    organizations: list[tuple[str, str | None]]
    teams: list[tuple[str, str]]
    report_types: list[tuple[str, str | None]]
    counts: list[Count]
    weeks: list[CollectedWeek]
    loads: list[Load]
    unfinished: list[UnfinishedRun]
    unapplied: int
    without_type: list[UntypedReport]
    rejections: list[OpenRejection]
    is_built: bool
    is_loaded: bool


def scope_of(teams: Mapping[str, str], only: Collection[str], since: date | None) -> Scope:
    """The scope of some teams, by folder or name, from a day on.

    Args:
        teams: Team names by folder name, from the seeds.
        only: Those that were asked for; empty for all.
        since: The first day; None for all.

    Raises:
        WarehouseError: A team is in no seed.
    """
    chosen = {teams.get(name, name) for name in only}
    unknown = chosen - set(teams.values())
    if unknown:
        known = ", ".join(sorted(set(teams.values())))
        raise WarehouseError(f"no team {min(unknown)!r} in the seeds. There are: {known}")
    folders = {folder for folder, team in teams.items() if team in chosen}
    return Scope(folders | chosen, since or date.min)


def read_status(warehouse: Warehouse, scope: Scope) -> Status:
    """Ask the database.

    Args:
        warehouse: Which.
        scope: What of it.

    Raises:
        WarehouseError: It cannot be asked.
    """
    is_built = "report_data_links" in warehouse.tables("public")
    is_reporting = "reports_without_type" in warehouse.tables("reporting")
    check_release(warehouse)
    is_loaded = "files" in warehouse.tables("raw")

    def fetch(query: str, *params: object, when: bool) -> list[Any]:
        return warehouse.fetch(query, params) if when else []

    since = scope.since
    has_ledger = "applied_loads" in warehouse.tables("bookkeeping")
    unapplied = fetch(_UNAPPLIED, when=is_loaded and has_ledger)
    counts = [Count(*row) for row in fetch(_COUNTS, since, when=is_built)]
    weeks = [CollectedWeek(*row) for row in fetch(_WEEKS, since, when=is_built)]
    untyped = [UntypedReport(*row) for row in fetch(_WITHOUT_TYPE, when=is_reporting)]
    return Status(
        environment=warehouse.environment(),
        organizations=fetch(_ORGANIZATIONS, when=is_built),
        teams=[row for row in fetch(_TEAMS, when=is_built) if scope.has(row[0])],
        report_types=fetch(_REPORT_TYPES, when=is_built),
        counts=[each for each in counts if scope.has(each.team)],
        weeks=[each for each in weeks if scope.has(each.team)],
        loads=_loads(warehouse, since) if is_loaded else [],
        unfinished=[UnfinishedRun(*row) for row in fetch(_UNFINISHED, when=is_loaded)],
        unapplied=unapplied[0][0] if unapplied else 0,
        without_type=[each for each in untyped if scope.has(each.team)],
        rejections=[
            OpenRejection(*row)
            for *row, team in fetch(_REJECTIONS, since, when=is_loaded)
            if scope.has(team)
        ],
        is_built=is_built,
        is_loaded=is_loaded,
    )


def _loads(warehouse: Warehouse, since: date) -> list[Load]:
    found = warehouse.fetch(_LOADS, [since])
    rows = dict(warehouse.fetch(_LOADED_ROWS, [[load_id for _, load_id, *_ in found]]))
    return [
        Load(
            loaded_at=loaded_at,
            loaded_by=loaded_by,
            files=files,
            rows=rows.get(load_id, 0),
            seconds=(finished_at - started_at).total_seconds() if started_at else None,
        )
        for loaded_at, load_id, started_at, finished_at, loaded_by, files in found
    ]
