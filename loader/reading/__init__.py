"""Typed rows of the final tables, for Python programs.

    from loader.reading import Reader

    with Reader.open(target="prod") as reader:
        for report in reader.daily_reports(team="rocks", since=date(2025, 10, 27)):
            print(report.author_name, report.report_date)

All reads within one `with` see the same state of the database. Nothing is written.
"""

import itertools
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, Self
from uuid import UUID

from loader.database.connect import configure_duckdb, connect_duckdb, connect_postgres
from loader.database.refusals import explained, is_missing
from loader.database.renames import with_new_names
from loader.errors import WarehouseError
from loader.reading import filters
from loader.reading.contents import ContentReader
from loader.reading.results import Rows, RowT
from loader.reading.rows import (
    DailyReport,
    GeneratedReport,
    JiraIssue,
    JiraSnapshot,
    Meeting,
    MeetingParticipant,
    MeetingTranscript,
    Mention,
    MissingDay,
    Organization,
    Person,
    PersonAlias,
    PersonWeek,
    ReportDataLink,
    ReportEntry,
    ReportSource,
    ReportType,
    SlackCapture,
    SlackMessage,
    Team,
    TeamWeek,
    TranscriptTurn,
    WeeklyActivity,
)
from loader.reading.search import Hit
from loader.settings import Settings, configure_libraries, load_settings
from loader.tables import FINAL_TABLES

__all__ = [
    "DailyReport",
    "GeneratedReport",
    "Hit",
    "JiraIssue",
    "JiraSnapshot",
    "Meeting",
    "MeetingParticipant",
    "MeetingTranscript",
    "Mention",
    "MissingDay",
    "Organization",
    "Person",
    "PersonAlias",
    "PersonWeek",
    "Reader",
    "ReportDataLink",
    "ReportEntry",
    "ReportSource",
    "ReportType",
    "Rows",
    "SlackCapture",
    "SlackMessage",
    "Team",
    "TeamWeek",
    "TranscriptTurn",
    "WeeklyActivity",
]

_BATCH_ROWS = 2000


class Reader(ContentReader):
    """Read access to the final tables of a target; `with` closes the connection.

    Filter teams and report types by name. Days are calendar days, both ends included. A filter that
    is None filters nothing.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._is_postgres = settings.database is not None
        if settings.database:
            self._connection: Any = connect_postgres(settings.database)
            self._connection.execute("set time zone 'UTC'")
            self._connection.autocommit = False
            self._connection.read_only = True
            self._connection.isolation_level = _one_state()
        else:
            self._connection = connect_duckdb(settings, is_read_only=True)

    @classmethod
    def open(cls, target: str | None = None) -> Self:
        """Connect with the settings of the shell and `.env`.

        Args:
            target: `local`, `dev`, `staging` or `prod`; by default as for the loader's commands.

        Raises:
            SettingsError: A setting is missing or malformed.
            WarehouseError: The database cannot be reached.
        """
        configure_libraries()
        return cls(load_settings(target))

    def __enter__(self) -> Self:
        """Return the reader."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def rows(
        self,
        kind: type[RowT],
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
    ) -> Rows[RowT]:
        """Return the rows of any table or view, by day if it has any; `kind` is a row class.

        Raises:
            ValueError: The table has no team or no days to filter by.
        """
        days = FINAL_TABLES[kind.TABLE].days if kind.TABLE in FINAL_TABLES else None
        conditions = [filters.ALL]
        params: dict[str, object] = {}
        if team is not None:
            if "team_id" not in kind.COLUMNS:
                raise ValueError(f"{kind.TABLE} has no team_id.")
            conditions.append(filters.OF_TEAM)
            params["team"] = team
        if since is not None or until is not None:
            if not days:
                raise ValueError(f"{kind.TABLE} has no days.")
            conditions.append(filters.between(*days))
            params |= {"since": since, "until": until}
        order = [days[0]] if days else []
        order += ["stored.id"] if "id" in kind.COLUMNS else []
        return self._rows(kind, filters.all_of(*conditions), ", ".join(order) or "1", params)

    def organizations(self) -> Rows[Organization]:
        """Return all organizations, by name."""
        return self._rows(Organization, filters.ALL, "stored.name")

    def teams(self) -> Rows[Team]:
        """Return all teams, by name."""
        return self._rows(Team, filters.ALL, "stored.name, stored.id")

    def report_types(self) -> Rows[ReportType]:
        """Return all report types, by name."""
        return self._rows(ReportType, filters.ALL, "stored.name")

    def daily_reports(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        author: str | None = None,
    ) -> Rows[DailyReport]:
        """Return daily reports, by day and author."""
        params = {"team": team, "since": since, "until": until, "author_name": author}
        order = "stored.report_date, stored.author_name, stored.id"
        return self._rows(DailyReport, filters.DAYS, order, params)

    def meeting_transcripts(
        self, team: str | None = None, since: date | None = None, until: date | None = None
    ) -> Rows[MeetingTranscript]:
        """Return transcripts, by day and file name."""
        params = {"team": team, "since": since, "until": until}
        order = "stored.transcript_date, stored.filename, stored.id"
        return self._rows(MeetingTranscript, filters.MEETINGS, order, params)

    def jira_snapshots(
        self, team: str | None = None, since: date | None = None, until: date | None = None
    ) -> Rows[JiraSnapshot]:
        """Return Jira snapshots whose week has a day in the range, by week and load."""
        params = {"team": team, "since": since, "until": until}
        order = "stored.collected_week_start, stored.loaded_at, stored.id"
        return self._rows(JiraSnapshot, filters.SNAPSHOTS, order, params)

    def slack_captures(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        channel: str | None = None,
    ) -> Rows[SlackCapture]:
        """Return Slack captures whose week has a day in the range, by week, channel and load."""
        params = {"team": team, "since": since, "until": until, "channel": channel}
        order = "stored.collected_week_start, stored.channel, stored.loaded_at, stored.id"
        return self._rows(SlackCapture, filters.CAPTURES, order, params)

    def generated_reports(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        report_type: str | None = None,
    ) -> Rows[GeneratedReport]:
        """Return generated reports, by the time of their generation (days in UTC)."""
        params = {"team": team, "since": since, "until": until, "report_type": report_type}
        return self._rows(
            GeneratedReport, filters.REPORTS, "stored.generated_at, stored.id", params
        )

    def report_data_links(self, report: UUID | None = None) -> Rows[ReportDataLink]:
        """Return the links to sources; `report` is a generated report's id."""
        params = {"generated_report_id": report}
        order = "stored.generated_report_id, stored.id"
        return self._rows(ReportDataLink, filters.LINKS, order, params)

    def report_sources(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        report: UUID | None = None,
    ) -> Rows[ReportSource]:
        """Return the sources of generated reports, by report, day and title."""
        params = {"team": team, "since": since, "until": until, "generated_report_id": report}
        order = "stored.generated_report_id, stored.source_date, stored.title, stored.source_id"
        return self._rows(ReportSource, filters.SOURCES, order, params)

    def team_week(
        self, team: str | None = None, since: date | None = None, until: date | None = None
    ) -> Rows[TeamWeek]:
        """Return the numbers of each team and week, for weeks with a day in the range."""
        params = {"team": team, "since": since, "until": until}
        return self._rows(TeamWeek, filters.TEAM_WEEKS, "stored.week_start, stored.team", params)

    def _rows(
        self,
        kind: type[RowT],
        where: str,
        order: str,
        params: Mapping[str, object] | None = None,
    ) -> Rows[RowT]:
        return Rows(self._batches, kind, where, order, params or {})

    def _fetch(self, query: str, params: Mapping[str, object]) -> list[tuple[Any, ...]]:
        return [row for batch in self._batches(query, params) for row in batch]

    def _batches(self, query: str, params: Mapping[str, object]) -> Iterator[list[tuple[Any, ...]]]:
        query = with_new_names(query)
        batches = self._postgres_batches if self._is_postgres else self._duckdb_batches
        try:
            yield from batches(query, params)
        except WarehouseError as error:
            if not is_missing(str(error)):
                raise
            message = f"{error}\nBuild the tables first: dbt build --target {self._settings.target}"
            raise WarehouseError(message) from error

    def _postgres_batches(
        self, query: str, params: Mapping[str, object]
    ) -> Iterator[list[tuple[Any, ...]]]:
        name = f"reading_{next(_numbers)}"
        with explained(self._settings), self._connection.cursor(name=name) as cursor:
            cursor.execute(query, params)
            while batch := cursor.fetchmany(_BATCH_ROWS):
                yield batch

    def _duckdb_batches(
        self, query: str, params: Mapping[str, object]
    ) -> Iterator[list[tuple[Any, ...]]]:
        for name in params:
            query = query.replace(f"%({name})s", f"${name}")
        with explained(self._settings), self._connection.cursor() as cursor:
            configure_duckdb(cursor, self._settings)  # a cursor has its own settings
            found = cursor.sql(query, params=dict(params) or None)
            for batch in found.to_arrow_reader(_BATCH_ROWS):
                yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


_numbers = itertools.count()


def _one_state() -> Any:  # noqa: ANN401
    from psycopg import IsolationLevel  # noqa: PLC0415 - the local target does not need it

    return IsolationLevel.REPEATABLE_READ
