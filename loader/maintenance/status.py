"""Read the state of the database for the `status` command."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loader.database.refusals import no_right
from loader.database.warehouse import Warehouse, check_release
from loader.errors import WarehouseError
from loader.maintenance import read_by_status
from loader.maintenance import status_queries as queries
from loader.maintenance.duplicates import LikelyDuplicate, likely_duplicates
from loader.maintenance.lacking import lacking_columns
from loader.maintenance.people import MAPPED, known_people
from loader.parsing.rejections import OpenRejection
from loader.tables import CONTENT, LINKS
from loader.tables.contents import CONTENT_TABLES


@dataclass(frozen=True, slots=True)
class Count:
    """The number of rows of a kind for a team, with the first and the last day."""

    team: str
    kind: str
    rows: int
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class CollectedWeek:
    """The Jira or Slack data of a team for a week.

    Args:
        team: The team's name.
        kind: `jira_snapshots` or `slack_captures`.
        start: First day of the week.
        end: Last day of the week.
        runs: The number of runs that loaded it; all rows of the replaced system count as one.
        size: Bytes that the latest of these runs loaded.
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
        loaded_at: The load time by the database's clock.
        loaded_by: The user who started it; None if it was not recorded.
        files: The number of readings of files that it recorded.
        rows: The number of rows from these files.
        seconds: Seconds from the run's start to the end of the load; None if not recorded.
    """

    loaded_at: datetime
    loaded_by: str | None
    files: int
    rows: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class UnfinishedRun:
    """A run that is still running or did not finish; its rows do not count.

    Args:
        started_at: The start time by the clock of its machine.
        loaded_by: The user who started it; None if it was not recorded.
    """

    started_at: datetime
    loaded_by: str | None


@dataclass(frozen=True, slots=True)
class UntypedReport:
    """Generated datasources of one name that no pattern maps to a report type.

    Args:
        team: The team's folder.
        filename: The name that they share.
        pattern: The pattern that matches it but names no type; None if no pattern matches.
        versions: The number of versions.
        latest: The time when the latest was generated.
    """

    team: str
    filename: str
    pattern: str | None
    versions: int
    latest: datetime


@dataclass(frozen=True, slots=True)
class Scope:
    """The teams and days that `status` reports on.

    Args:
        names: Folders and names of the teams; empty for all.
        since: The first day.
    """

    names: Collection[str] = ()
    since: date = date.min

    def has(self, team: str) -> bool:
        """Return whether a folder or a name is in scope."""
        return not self.names or team in self.names


@dataclass(frozen=True, slots=True)
class Status:
    """The state of the database.

    Args:
        environment: The environment recorded in the database; None if none is recorded.
        organizations: Name and description of each.
        teams: Name and organization of each.
        report_types: Name and description of each.
        counts: Rows per team and kind.
        weeks: Weeks of Jira and Slack, the latest first.
        loads: The latest loads, the latest first.
        unfinished: Runs that are still running or did not finish, the earliest first.
        unapplied: The number of finished loads that the final tables do not have yet.
        without_type: Generated datasources without a report type.
        duplicates: Names that are probably one person's.
        rejections: Rejections from the latest reading of each path.
        is_built: Whether the final tables exist.
        is_loaded: Whether the raw tables exist.
        lacking: Contract columns that the final tables lack, as `table.column`. Sections that need
            them are empty.
        has_record: Whether the database records its current migration.
        unreadable: Our schemas or tables that the role may not read. Their sections are empty.
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
    duplicates: list[LikelyDuplicate]
    rejections: list[OpenRejection]
    is_built: bool
    is_loaded: bool
    lacking: list[str]
    has_record: bool
    unreadable: list[str]

    def may_read(self, schema: str) -> bool:
        """Return whether the role may read all tables of one of our schemas."""
        return all(name.partition(".")[0] != schema for name in self.unreadable)


def scope_of(teams: Mapping[str, str], only: Collection[str], since: date | None) -> Scope:
    """Return the scope for some teams, by folder or name, from a day on.

    Args:
        teams: Team names by folder name, from the seeds.
        only: The requested teams; empty for all.
        since: The first day; None for all.

    Raises:
        WarehouseError: A team is in no seed.
    """
    chosen = {teams.get(name, name) for name in only}
    unknown = chosen - set(teams.values())
    if unknown:
        known = ", ".join(sorted(set(teams.values())))
        raise WarehouseError(f"No team {min(unknown)!r} in the seeds. There are: {known}.")
    folders = {folder for folder, team in teams.items() if team in chosen}
    return Scope(folders | chosen, since or date.min)


def read_status(warehouse: Warehouse, scope: Scope, teams: Mapping[str, str]) -> Status:
    """Read the status from the database.

    Args:
        warehouse: The database to read.
        scope: The teams and days to report on.
        teams: Team names by folder name, from the seeds.

    Raises:
        WarehouseError: A query fails, or the role may read no table.
    """
    is_built = LINKS in warehouse.final_tables()
    is_reporting = "reports_without_type" in warehouse.tables("reporting")
    check_release(warehouse)
    is_loaded = "files" in warehouse.tables("raw")
    hidden = _hidden(warehouse)
    unreadable = _names(warehouse, hidden)
    if (is_built or is_loaded) and {warehouse.final_schema, "raw"} <= {*unreadable}:
        lacks = f"has no right to read {', '.join(unreadable)}"
        raise WarehouseError(no_right(warehouse.settings, lacks))

    lacking = lacking_columns(warehouse)

    def fetch(query: str, *params: object, when: bool) -> list[Any]:
        try:
            return warehouse.fetch(query, params) if when else []
        except WarehouseError:
            if not lacking:
                raise
            return []  # the missing column is reported elsewhere, with the command that adds it

    since = scope.since
    has_finals = is_built and not hidden[warehouse.final_schema]
    has_raw = is_loaded and not hidden["raw"]
    has_ledger = "applied_loads" in warehouse.tables("bookkeeping") - hidden["bookkeeping"]
    unapplied = fetch(queries.UNAPPLIED, when=has_raw and has_ledger)
    has_contents = CONTENT_TABLES.keys() <= warehouse.tables(CONTENT) - hidden[CONTENT]
    counted = queries.COUNTS_WITH_CONTENTS if has_contents else queries.COUNTS
    counts = [Count(*row) for row in fetch(counted, since, when=has_finals)]
    weeks = [CollectedWeek(*row) for row in fetch(queries.WEEKS, since, when=has_finals)]
    authors = fetch(queries.AUTHORS, when=has_finals)
    has_people = "people" in warehouse.tables("raw") - hidden["raw"]
    people = known_people(fetch(MAPPED, when=has_people), teams)
    is_reporting = is_reporting and not hidden["reporting"]
    untyped = [UntypedReport(*row) for row in fetch(queries.WITHOUT_TYPE, when=is_reporting)]
    return Status(
        environment=None if hidden["bookkeeping"] else warehouse.environment(),
        organizations=fetch(queries.ORGANIZATIONS, when=has_finals),
        teams=[row for row in fetch(queries.TEAMS, when=has_finals) if scope.has(row[0])],
        report_types=fetch(queries.REPORT_TYPES, when=has_finals),
        counts=[each for each in counts if scope.has(each.team)],
        weeks=[each for each in weeks if scope.has(each.team)],
        loads=_loads(warehouse, since) if has_raw else [],
        unfinished=[UnfinishedRun(*row) for row in fetch(queries.UNFINISHED, when=has_raw)],
        unapplied=unapplied[0][0] if unapplied else 0,
        without_type=[each for each in untyped if scope.has(each.team)],
        duplicates=likely_duplicates([each for each in authors if scope.has(each[0])], people),
        rejections=[
            OpenRejection(*row)
            for *row, team in fetch(queries.REJECTIONS, since, when=has_raw)
            if scope.has(team)
        ],
        is_built=is_built,
        is_loaded=is_loaded,
        lacking=lacking,
        has_record="alembic_version" in warehouse.tables("bookkeeping"),
        unreadable=unreadable,
    )


def _hidden(warehouse: Warehouse) -> dict[str, set[str]]:
    """Return the tables of ours that the role may not read, by schema."""
    read = read_by_status(warehouse.final_schema)
    return {schema: warehouse.unreadable(schema) & {*ours} for schema, ours in read.items()}


def _names(warehouse: Warehouse, hidden: Mapping[str, set[str]]) -> list[str]:
    """Return the schema's name if all our tables there are hidden, else the tables' names."""
    names: list[str] = []
    read = read_by_status(warehouse.final_schema)
    for schema, tables in hidden.items():
        is_all = tables and tables == warehouse.tables(schema) & {*read[schema]}
        names += [schema] if is_all else sorted(f"{schema}.{table}" for table in tables)
    return names


def _loads(warehouse: Warehouse, since: date) -> list[Load]:
    found = warehouse.fetch(queries.LOADS, [since])
    rows = dict(warehouse.fetch(queries.LOADED_ROWS, [[load_id for _, load_id, *_ in found]]))
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
