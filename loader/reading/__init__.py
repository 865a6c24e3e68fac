"""Typed rows of the final tables, for Python programs.

    from loader.reading import Warehouse

    with Warehouse.open(target="prod") as warehouse:
        for report in warehouse.daily_reports(team="rocks", since=date(2025, 10, 27)):
            print(report.author_name, report.report_date)

What is read within one `with` is one state of the database. Nothing is written.
"""

import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from uuid import UUID

from loader.database.connect import connect_duckdb, connect_postgres, explained
from loader.errors import WarehouseError
from loader.reading.rows import (
    DailyReport,
    GeneratedReport,
    JiraSnapshot,
    MeetingTranscript,
    Organization,
    ReportDataLink,
    ReportSource,
    ReportType,
    Row,
    SlackCapture,
    Team,
    TeamWeek,
)
from loader.settings import Settings, configure_libraries, load_settings

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = [
    "DailyReport",
    "GeneratedReport",
    "JiraSnapshot",
    "MeetingTranscript",
    "Organization",
    "ReportDataLink",
    "ReportSource",
    "ReportType",
    "Rows",
    "SlackCapture",
    "Team",
    "TeamWeek",
    "Warehouse",
]

_BATCH_ROWS = 2000
_SELECT = "select {columns} from {table} as stored where {where} order by {order}"
_COUNT = "select count(*) from {table} as stored where {where}"
# A parameter that is null takes no row away.
_ALL = "true"
_OF_TEAM = """
    (
        cast(%(team)s as text) is null
        or stored.team_id in (select id from public.teams where name = %(team)s)
    )
"""
_NAMED_TEAM = "(cast(%(team)s as text) is null or stored.team = %(team)s)"
_BETWEEN = """
    (cast(%(since)s as date) is null or {last} >= %(since)s)
    and (cast(%(until)s as date) is null or {first} <= %(until)s)
"""
_EQUAL = "(cast(%({name})s as {type}) is null or stored.{name} = %({name})s)"

RowT = TypeVar("RowT", bound=Row)


def _between(first: str, last: str | None = None) -> str:
    return _BETWEEN.format(first=first, last=last or first)


def _equal(name: str, type_: str = "text") -> str:
    return _EQUAL.format(name=name, type=type_)


def _all(*conditions: str) -> str:
    return " and ".join(conditions)


_WEEK = _between("stored.collected_week_start", "stored.collected_week_end")
_DAYS = _all(_OF_TEAM, _between("stored.report_date"), _equal("author_name"))
_MEETINGS = _all(_OF_TEAM, _between("cast(stored.transcript_date as date)"))
_SNAPSHOTS = _all(_OF_TEAM, _WEEK)
_CAPTURES = _all(_OF_TEAM, _WEEK, _equal("channel"))
_REPORTS = _all(
    _OF_TEAM,
    _between("cast(stored.generated_at at time zone 'UTC' as date)"),
    """
    (
        cast(%(report_type)s as text) is null
        or stored.report_type_id in (
            select id from public.report_types where name = %(report_type)s
        )
    )
    """,
)
_LINKS = _equal("generated_report_id", "uuid")
_SOURCES = _all(_NAMED_TEAM, _LINKS, _between("stored.source_date"))
_TEAM_WEEKS = _all(_NAMED_TEAM, _between("stored.week_start", "stored.week_start + 6"))


class Rows(Generic[RowT]):
    """What a question gives: to be iterated, counted or taken as a whole.

    Each of the three asks the database anew. Iterating holds some thousand rows in memory.
    """

    def __init__(
        self,
        batches: Callable[[str, Mapping[str, object]], Iterator[list[tuple[Any, ...]]]],
        kind: type[RowT],
        where: str,
        order: str,
        params: Mapping[str, object],
    ) -> None:
        self._batches = batches
        self._kind = kind
        self._params = params
        columns = ", ".join(f"stored.{name}" for name in kind.COLUMNS)
        place = {"columns": columns, "table": kind.TABLE, "where": where, "order": order}
        self._select, self._count = _SELECT.format(**place), _COUNT.format(**place)

    def __iter__(self) -> Iterator[RowT]:
        """The rows, one after the other."""
        for batch in self._read():
            yield from itertools.starmap(self._kind, batch)

    def arrow(self) -> "pa.Table":
        """The rows as an Arrow table: ids and JSON as text, times of the day in UTC."""
        import pyarrow as pa  # noqa: PLC0415 - a tenth of a second

        types: dict[str, pa.DataType] = {
            "bigint": pa.int64(),
            "date": pa.date32(),
            "timestamp": pa.timestamp("us"),
            "timestamp with time zone": pa.timestamp("us", tz="UTC"),
        }
        kinds = {name: column.type for name, column in self._kind.COLUMNS.items()}
        schema = pa.schema([(name, types.get(kind, pa.string())) for name, kind in kinds.items()])
        texts: dict[str, Callable[[Any], object]] = {"uuid": str, "json": json.dumps}
        writers = [texts.get(kind, _same) for kind in kinds.values()]
        batches = []
        for batch in self._read():
            columns = [
                pa.array((None if v is None else write(v) for v in values), field.type)
                for values, write, field in zip(
                    zip(*batch, strict=True), writers, schema, strict=True
                )
            ]
            batches.append(pa.record_batch(columns, schema=schema))
        return pa.Table.from_batches(batches, schema)

    def count(self) -> int:
        """How many they are."""
        ((number,),) = next(self._batches(self._count, self._params))
        return int(number)

    def _read(self) -> Iterator[list[tuple[Any, ...]]]:
        """The rows' values, as the classes have them."""
        readers = {
            position: _READERS[column.type]
            for position, column in enumerate(self._kind.COLUMNS.values())
            if column.type in _READERS
        }
        for batch in self._batches(self._select, self._params):
            yield [
                tuple(
                    readers[n](v) if n in readers and isinstance(v, str) else v
                    for n, v in enumerate(row)
                )
                for row in batch
            ]


def _same(value: object) -> object:
    return value


# DuckDB gives text for what psycopg gives a type.
_READERS: dict[str, Callable[[str], object]] = {"uuid": UUID, "json": json.loads}


class Warehouse:
    """The final tables of a target, to be read; `with` closes the connection.

    Teams and report types are meant by name, days are days of the calendar, both ends included. A
    filter that is None takes nothing away.
    """

    def __init__(self, settings: Settings) -> None:
        self._target = settings.target
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
        """Connect, with the settings of the shell and `.env`.

        Args:
            target: `local`, `dev`, `staging` or `prod`; by default as of the loader's commands.

        Raises:
            SettingsError: A setting is missing or malformed.
            WarehouseError: The database cannot be reached.
        """
        configure_libraries()
        return cls(load_settings(target))

    def __enter__(self) -> Self:
        """Give itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def organizations(self) -> Rows[Organization]:
        """All organizations, by name."""
        return self._rows(Organization, _ALL, "stored.name")

    def teams(self) -> Rows[Team]:
        """All teams, by name."""
        return self._rows(Team, _ALL, "stored.name, stored.id")

    def report_types(self) -> Rows[ReportType]:
        """All report types, by name."""
        return self._rows(ReportType, _ALL, "stored.name")

    def daily_reports(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        author: str | None = None,
    ) -> Rows[DailyReport]:
        """Daily reports, by day and author."""
        params = {"team": team, "since": since, "until": until, "author_name": author}
        order = "stored.report_date, stored.author_name, stored.id"
        return self._rows(DailyReport, _DAYS, order, params)

    def meeting_transcripts(
        self, team: str | None = None, since: date | None = None, until: date | None = None
    ) -> Rows[MeetingTranscript]:
        """Transcripts, by day and file name."""
        params = {"team": team, "since": since, "until": until}
        order = "stored.transcript_date, stored.filename, stored.id"
        return self._rows(MeetingTranscript, _MEETINGS, order, params)

    def jira_snapshots(
        self, team: str | None = None, since: date | None = None, until: date | None = None
    ) -> Rows[JiraSnapshot]:
        """Jira snapshots whose week has a day in the range, by week and load."""
        params = {"team": team, "since": since, "until": until}
        order = "stored.collected_week_start, stored.loaded_at, stored.id"
        return self._rows(JiraSnapshot, _SNAPSHOTS, order, params)

    def slack_captures(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        channel: str | None = None,
    ) -> Rows[SlackCapture]:
        """Slack captures whose week has a day in the range, by week, channel and load."""
        params = {"team": team, "since": since, "until": until, "channel": channel}
        order = "stored.collected_week_start, stored.channel, stored.loaded_at, stored.id"
        return self._rows(SlackCapture, _CAPTURES, order, params)

    def generated_reports(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        report_type: str | None = None,
    ) -> Rows[GeneratedReport]:
        """Generated reports, by the time of their generation (days in UTC)."""
        params = {"team": team, "since": since, "until": until, "report_type": report_type}
        return self._rows(GeneratedReport, _REPORTS, "stored.generated_at, stored.id", params)

    def report_data_links(self, report: UUID | None = None) -> Rows[ReportDataLink]:
        """Links of generated reports to their sources; `report` is a generated report's id."""
        params = {"generated_report_id": report}
        order = "stored.generated_report_id, stored.id"
        return self._rows(ReportDataLink, _LINKS, order, params)

    def report_sources(
        self,
        team: str | None = None,
        since: date | None = None,
        until: date | None = None,
        report: UUID | None = None,
    ) -> Rows[ReportSource]:
        """What generated reports were made from, by report, day and title."""
        params = {"team": team, "since": since, "until": until, "generated_report_id": report}
        order = "stored.generated_report_id, stored.source_date, stored.title, stored.source_id"
        return self._rows(ReportSource, _SOURCES, order, params)

    def team_week(
        self, team: str | None = None, since: date | None = None, until: date | None = None
    ) -> Rows[TeamWeek]:
        """What there is of each team and week, of weeks with a day in the range."""
        params = {"team": team, "since": since, "until": until}
        return self._rows(TeamWeek, _TEAM_WEEKS, "stored.week_start, stored.team", params)

    def _rows(
        self,
        kind: type[RowT],
        where: str,
        order: str,
        params: Mapping[str, object] | None = None,
    ) -> Rows[RowT]:
        return Rows(self._batches, kind, where, order, params or {})

    def _batches(self, query: str, params: Mapping[str, object]) -> Iterator[list[tuple[Any, ...]]]:
        batches = self._postgres_batches if self._is_postgres else self._duckdb_batches
        try:
            yield from batches(query, params)
        except WarehouseError as error:
            if "does not exist" not in str(error):
                raise
            message = f"{error}\nBuild the tables first: dbt build --target {self._target}"
            raise WarehouseError(message) from error

    def _postgres_batches(
        self, query: str, params: Mapping[str, object]
    ) -> Iterator[list[tuple[Any, ...]]]:
        name = f"reading_{next(_numbers)}"
        with explained(is_postgres=True), self._connection.cursor(name=name) as cursor:
            cursor.execute(query, params)
            while batch := cursor.fetchmany(_BATCH_ROWS):
                yield batch

    def _duckdb_batches(
        self, query: str, params: Mapping[str, object]
    ) -> Iterator[list[tuple[Any, ...]]]:
        for name in params:
            query = query.replace(f"%({name})s", f"${name}")
        with explained(is_postgres=False), self._connection.cursor() as cursor:
            found = cursor.sql(query, params=dict(params) or None)
            for batch in found.to_arrow_reader(_BATCH_ROWS):
                yield list(zip(*(column.to_pylist() for column in batch.columns), strict=True))


_numbers = itertools.count()


def _one_state() -> Any:  # noqa: ANN401
    from psycopg import IsolationLevel  # noqa: PLC0415 - not needed by the local target

    return IsolationLevel.REPEATABLE_READ
