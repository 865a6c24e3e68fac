"""What the database holds, as the status command shows it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loader.warehouse import FINISHED, Warehouse

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
    group by teams.name, stored.kind
    order by teams.name, stored.kind
"""
_WITHOUT_TYPE = """
    select team_folder, filename, pattern, count(*), max(generated_at)
    from reporting.reports_without_type
    group by team_folder, filename, pattern
    order by team_folder, filename, pattern
"""
# A path's rejections are those of its latest reading: a later good one ends them.
_REJECTIONS = f"""
    with readings as (
        select distinct on (kind, source_path) kind, source_path, run_id
        from raw.files
        where {FINISHED}
        order by kind, source_path, loaded_at desc
    )

    select distinct
        rejections.severity,
        rejections.reason,
        rejections.kind,
        rejections.source_path,
        rejections.line_number,
        rejections.detail
    from raw.rejections
    inner join readings using (kind, source_path, run_id)
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
class Status:
    """What the database holds.

    Args:
        organizations: Name and description.
        teams: Name and organization.
        report_types: Name and description.
        counts: Per team and kind.
        without_type: Generated datasources that wait for a report type.
        rejections: Of the latest reading of each path.
        is_built: Whether the final tables are there.
        is_loaded: Whether the raw tables are there.
    """

    organizations: list[tuple[str, str | None]]
    teams: list[tuple[str, str]]
    report_types: list[tuple[str, str | None]]
    counts: list[Count]
    without_type: list[UntypedReport]
    rejections: list[OpenRejection]
    is_built: bool
    is_loaded: bool


def read_status(warehouse: Warehouse) -> Status:
    """Ask the database.

    Raises:
        WarehouseError: It cannot be asked.
    """
    is_built = "report_data_links" in warehouse.tables("public")
    is_reporting = "reports_without_type" in warehouse.tables("reporting")
    is_loaded = "files" in warehouse.tables("raw")

    def fetch(query: str, *, when: bool) -> list[Any]:
        return warehouse.fetch(query) if when else []

    return Status(
        organizations=fetch(_ORGANIZATIONS, when=is_built),
        teams=fetch(_TEAMS, when=is_built),
        report_types=fetch(_REPORT_TYPES, when=is_built),
        counts=[Count(*row) for row in fetch(_COUNTS, when=is_built)],
        without_type=[UntypedReport(*row) for row in fetch(_WITHOUT_TYPE, when=is_reporting)],
        rejections=[OpenRejection(*row) for row in fetch(_REJECTIONS, when=is_loaded)],
        is_built=is_built,
        is_loaded=is_loaded,
    )
