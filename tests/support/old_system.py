"""A database of the replaced system: its own tables, seeds and loads.

Its errors were observed in runs of that system: the first word of a name, one row for
people who share it, days shifted east of Greenwich, seeds inserted again.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg

from loader.parsing.daily_reports import DailyReport, parse_daily_reports
from loader.parsing.transcripts import parse_transcript
from tests.support.project import EXAMPLE

# All tables have random ids and times without a zone.
COMMON = """
    id uuid primary key default gen_random_uuid(),
    created_at timestamp not null default now(),
    updated_at timestamp not null default now()
"""
_WEEK = f"""
    {COMMON},
    team_id uuid references teams (id) on delete cascade,
    collected_week_start date not null,
    collected_week_end date not null,
    blob_key text not null,
    blob_url text not null,
    byte_size integer,
    checksum_sha256 text
"""
TABLES = f"""
    create table organizations ({COMMON}, name text not null, description text);
    create table teams (
        {COMMON},
        organization_id uuid not null references organizations (id) on delete cascade,
        name text not null,
        description text
    );
    create table report_types ({COMMON}, name text not null unique, description text);
    create table daily_reports (
        {COMMON},
        team_id uuid not null references teams (id) on delete cascade,
        report_date date not null,
        content text not null,
        blob_key text,
        blob_url text,
        author_name text not null,
        checksum_sha256 text,
        constraint daily_reports_unique unique (team_id, author_name, report_date)
    );
    create index idx_daily_reports_team_id on daily_reports (team_id);
    create table meeting_transcripts (
        {COMMON},
        team_id uuid references teams (id) on delete cascade,
        transcript_date timestamp not null,
        filename text not null,
        transcript_text text not null,
        blob_key text,
        blob_url text,
        byte_size integer,
        checksum_sha256 text,
        constraint meeting_transcripts_unique unique (team_id, filename, transcript_date)
    );
    create table jira_snapshots ({_WEEK});
    create table slack_captures ({_WEEK});
    create table generated_reports (
        {COMMON},
        report_type_id uuid not null references report_types (id),
        team_id uuid not null references teams (id) on delete cascade,
        triggered_by text,
        generated_at timestamp not null,
        execution_id uuid,
        blob_key text,
        blob_url text,
        output jsonb,
        model_info jsonb,
        content_hash text
    );
"""
# The first schema named teams projects, and their organizations clients.
_FIRST_NAMES = (
    *(("organization_id", "client_id"), ("team_id", "project_id")),
    *(("organizations", "clients"), ("teams", "projects")),
)
_TRIGGERS = """
    create function update_updated_at_column() returns trigger language plpgsql as $$
    begin
        new.updated_at = now();
        return new;
    end $$;
    create trigger update_daily_reports_updated_at before update on daily_reports
        for each row execute function update_updated_at_column();
    create trigger update_teams_updated_at before update on {teams}
        for each row execute function update_updated_at_column();
"""
_ORGANIZATIONS = {
    "Full Scale": ("rocks", "timeclock"),
    "Full Scale Ventures": ("engagepath", "ai-coach"),
}
_FOLDERS = ("rocks", "timeclock", "engagepath", "aicoach")


@dataclass(frozen=True)
class OldSystem:
    """The replaced system with one database.

    Args:
        connection: A connection to the database, in autocommit mode.
        days_off: The days by which it shifts dates: -1 east of Greenwich.
        is_first: Whether it uses the first schema.
        teams: Other names in its seeds.
    """

    connection: psycopg.Connection
    days_off: int = 0
    is_first: bool = False
    teams: tuple[tuple[str, str], ...] = ()

    def push(self) -> None:
        """Create the tables."""
        statements = TABLES
        if self.is_first:
            triggers = _TRIGGERS.format(teams="teams")
            statements = self._first(statements) + self._first(triggers)
        self._execute(statements)

    def seed(self) -> None:
        """Insert organizations and teams, even if they exist."""
        names = dict(self.teams)
        for organization, teams in _ORGANIZATIONS.items():
            self._execute("insert into organizations (name) values (%s)", organization)
            for team in teams:
                self._execute(
                    "insert into teams (organization_id, name) select id, %s from organizations"
                    " where name = %s order by created_at desc limit 1",
                    names.get(team, team),
                    organization,
                )
        self._execute(
            "insert into report_types (name) values ('1on1'), ('weekly-digest') on conflict"
            " do nothing"
        )

    def load(self, workspace: Path, *, has_blobs: bool = True) -> None:
        """Store the daily reports and transcripts of a workspace, as that system did."""
        for folder in _FOLDERS:
            for path, report in _days(workspace, folder):
                self._store_day(folder, path, report, has_blobs=has_blobs)
            for path in sorted((workspace / "transcripts/markdown-output" / folder).glob("*.md")):
                self._store_transcript(folder, path)

    def ids(self, table: str) -> set[UUID]:
        """Return the ids of a table, given its current name."""
        return {id_ for (id_,) in self._execute(f"select id from {table}")}

    def _store_day(self, folder: str, path: Path, report: DailyReport, *, has_blobs: bool) -> None:
        key = f"{folder}/daily/{path.name}" if has_blobs else None
        self._execute(
            "insert into daily_reports"
            " (team_id, report_date, content, author_name, checksum_sha256, blob_key, blob_url)"
            " values (%s, %s, %s, %s, encode(sha256(%s), 'hex'), %s, %s)"
            " on conflict (team_id, author_name, report_date) do update set"
            " content = excluded.content, checksum_sha256 = excluded.checksum_sha256,"
            " blob_key = excluded.blob_key, blob_url = excluded.blob_url, updated_at = now()",
            self._team(folder),
            self._day(report.report_date),
            report.content.decode(),
            report.author_name.split()[0],
            report.content,
            key,
            key and f"https://store.public.blob.vercel-storage.com/{key}",
        )

    def _store_transcript(self, folder: str, path: Path) -> None:
        text = path.read_text()
        found, _ = parse_transcript(path.name, text.encode())
        if found:
            self._execute(
                "insert into meeting_transcripts"
                " (team_id, transcript_date, filename, transcript_text, byte_size)"
                " values (%s, %s, %s, %s, %s)"
                " on conflict (team_id, filename, transcript_date) do nothing",
                self._team(folder),
                self._day(found[0].transcript_date),
                path.name,
                text,
                len(text.encode()),
            )

    def _team(self, folder: str) -> UUID:
        """Return the team that the latest seeding inserted."""
        name = "ai-coach" if folder == "aicoach" else folder
        rows = self._execute(
            "select id from teams where name = %s order by created_at desc limit 1",
            dict(self.teams).get(name, name),
        )
        return rows[0][0]

    def _day(self, day: date) -> date:
        return day + timedelta(self.days_off)

    def _first(self, statement: str) -> str:
        for now, first in _FIRST_NAMES:
            statement = statement.replace(now, first)
        return statement

    def _execute(self, statement: str, *params: object) -> list[tuple[UUID]]:
        there = self._first(statement) if self.is_first else statement
        cursor = self.connection.execute(there.encode(), params or None)
        return cursor.fetchall() if cursor.description else []


def _days(workspace: Path, folder: str) -> Iterator[tuple[Path, DailyReport]]:
    for path in sorted((workspace / "daily-reports/md-output" / folder).glob("*.md")):
        for report in parse_daily_reports(path.read_bytes())[0]:
            yield path, report


@dataclass(frozen=True)
class State:
    """A history of runs of that system.

    Args:
        options: Options of the system.
        rounds: The number of rounds of seeding and loading.
        loads: The number of loads after each seeding.
    """

    options: dict[str, Any] = field(default_factory=dict)
    rounds: int = 1
    loads: int = 1
    has_blobs: bool = True
    more: str = ""


STATES = {
    "pushed and loaded once": State(),
    "seeded twice": State(rounds=2),
    "loaded twice without blobs": State(loads=2, has_blobs=False),
    "in Manila": State({"days_off": -1}),
    "the first schema": State({"is_first": True}),
    "aicoach": State({"teams": (("ai-coach", "aicoach"),)}),
    "extra columns": State(
        more="alter table teams add slack_channel text; alter table organizations add billing text"
    ),
    "seeded twice in Manila": State({"days_off": -1}, rounds=2, loads=2),
}


def prepare(connection: psycopg.Connection, state: State, workspace: Path = EXAMPLE) -> OldSystem:
    """Run that system on an empty database."""
    system = OldSystem(connection, **state.options)
    system.push()
    if state.more:
        connection.execute(state.more.encode())
    for _ in range(state.rounds):
        system.seed()
        for _ in range(state.loads):
            system.load(workspace, has_blobs=state.has_blobs)
    return system
