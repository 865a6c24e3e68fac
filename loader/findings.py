"""What the files of a team give: rows, rejections, or nothing new."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from itertools import chain
from pathlib import PurePosixPath
from typing import cast

from loader.config import JIRA_WEEK, SLACK_WEEK, ConfigError, TeamConfig, load_config
from loader.days import DaysOfRun, StoredDays
from loader.decoding import decode, to_utf8
from loader.kinds import FOLDERS, Kind
from loader.parsing import PARSER_VERSION
from loader.parsing.daily_reports import DailyReport, parse_daily_reports
from loader.parsing.datasources import parse_jira_data
from loader.parsing.transcripts import parse_transcript
from loader.parsing.weekly import Week, jira_files, parse_slack
from loader.rejections import Reason, Rejection
from loader.reports import read_report
from loader.run import Memory, Order, Outcome
from loader.threads import Task, in_order
from loader.workspace import ChangedError, SourceFile, list_files

_CHUNK_FILES = 10_000
_CHUNK_CHANGED = 500
_CHUNK_BYTES = 8 * 1024 * 1024


@dataclass(slots=True)
class Finding:
    """What one file gave.

    Args:
        file: The file.
        data: Its bytes, or what of it is stored as a blob; None where it could not be read.
        modified_at: When the file last changed, in seconds since 1970.
        sha256: Of the file's bytes.
        byte_size: Of the file.
        blob_name: The blob's path below the team's folder.
        records: The values of each row, in the order of the raw table's own columns up to the
            blob reference.
        size: Bytes of text in the records.
        rejections: What was left out or repaired.
        is_unchanged: Whether nothing is new.
        has_content: Whether it holds rows, new or not.
    """

    file: SourceFile
    data: bytes | None = None
    modified_at: float = 0.0
    sha256: str | None = None
    byte_size: int | None = None
    blob_name: str = ""
    records: list[tuple[object, ...]] = field(default_factory=list)
    size: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    is_unchanged: bool = False
    has_content: bool = False

    def add(self, *values: object, size: int = 0) -> None:
        """Add a row."""
        self.records.append(values)
        self.size += size
        self.has_content = True


class Findings:
    """Compares a workspace's files with what earlier runs left.

    Args:
        order: What the run is to do.
        memory: What earlier runs left.
    """

    def __init__(self, order: Order, memory: Memory) -> None:
        self._order = order
        self._memory = memory
        self._days = DaysOfRun()
        self._configs: dict[str, TeamConfig] = {}

    def of(self, team: str, kind: Kind, files: list[SourceFile]) -> Iterator[Finding]:
        """The findings of a team's files of one kind.

        Args:
            team: The team's folder.
            kind: The table that they feed.
            files: Sorted, so that the outcome never depends on the order of a folder.
        """
        if team not in self._order.teams:
            if files:
                detail = f"no seed has a team for the folder {team!r}"
                rejection = Rejection(Reason.UNKNOWN_TEAM, detail)
                yield from (Finding(file, rejections=[rejection]) for file in files)
            return
        match kind:
            case Kind.DAILY_REPORTS:
                yield from self._daily_reports(team, files)
            case Kind.MEETING_TRANSCRIPTS:
                yield from self._transcripts(files)
            case Kind.JIRA_SNAPSHOTS:
                yield from self._jira_snapshot(team, files)
            case Kind.SLACK_CAPTURES:
                yield from self._slack_captures(team, files)
            case Kind.GENERATED_REPORTS:
                yield from self._generated_reports(files)

    def _transcripts(self, files: list[SourceFile]) -> Iterator[Finding]:
        for finding in self._read_changed(files):
            if finding.data is not None:
                text, repairs = to_utf8(finding.data)
                transcripts, rejections = parse_transcript(finding.file.name, text)
                finding.rejections += repairs + rejections
                for item in transcripts:
                    when = (item.filename, item.transcript_date, item.started_at)
                    checksum = hashlib.sha256(text).hexdigest() if repairs else finding.sha256
                    finding.add(*when, text, len(text), checksum, size=len(text))
            yield finding

    def _slack_captures(self, team: str, files: list[SourceFile]) -> Iterator[Finding]:
        if not files:
            return
        week, problem = self._configured_week(team, Kind.SLACK_CAPTURES)
        yield from problem
        for finding in self._read_all(files):
            if finding.data is not None:
                name = PurePosixPath(finding.file.name).name
                captures, rejections = parse_slack(name, decode(finding.data)[0], week)
                is_due = any(capture.week == week for capture in captures)
                finding.is_unchanged = finding.is_unchanged and not is_due
                if not finding.is_unchanged:
                    finding.rejections += rejections
                    for capture in captures:
                        span = (capture.week.start, capture.week.end)
                        finding.add(capture.channel, *span, len(finding.data), finding.sha256)
            yield finding

    def _jira_snapshot(self, team: str, files: list[SourceFile]) -> Iterator[Finding]:
        week, problem = self._configured_week(team, Kind.JIRA_SNAPSHOTS)
        yield from problem
        folder = FOLDERS[Kind.JIRA_SNAPSHOTS].of_team(team)
        if not week:
            if not problem and (files or self._weekly_datasources(team)):
                detail = "neither the config nor --week-start and --week-end name a week"
                yield _failed(Kind.JIRA_SNAPSHOTS, team, folder, Rejection(Reason.NO_WEEK, detail))
            return
        by_path = {file.path: file for file in files}
        ranked = map(by_path.__getitem__, jira_files(by_path, week, self._order.report))
        for finding in chain(self._jira_files(ranked, week), self._jira_data(team, week)):
            yield finding
            if finding.has_content:
                return
        detail = f"no Jira file and no JIRA_DATA of the week {week} that could be read"
        rejection = Rejection(Reason.NO_JIRA_FOR_WEEK, detail)
        yield _failed(Kind.JIRA_SNAPSHOTS, team, folder, rejection)

    def _jira_files(self, files: Iterable[SourceFile], week: Week) -> Iterator[Finding]:
        for finding in map(self._read, files):
            if finding.data is not None:
                _add_snapshot(finding, week)
            yield finding

    def _weekly_datasources(self, team: str) -> list[SourceFile]:
        files = list_files(self._order.workspace, Kind.GENERATED_REPORTS, team).files
        return [file for file in files if file.name.startswith("datasource_weekly_")]

    def _jira_data(self, team: str, week: Week) -> Iterator[Finding]:
        """The text of `JIRA_DATA` in the team's weekly datasource; rejections of broken ones."""
        for file in self._weekly_datasources(team):
            finding = self._read(replace(file, kind=Kind.JIRA_SNAPSHOTS))
            if finding.data is not None:
                finding.is_unchanged = False
                text, finding.rejections = parse_jira_data(decode(finding.data)[0], week)
                if text:
                    finding.data = text.encode()
                    finding.blob_name = f"jira_data_{self._order.report}_{week}.md"
                    _add_snapshot(finding, week)
            if finding.rejections or finding.has_content:
                yield finding

    def _generated_reports(self, files: list[SourceFile]) -> Iterator[Finding]:
        for finding in self._read_changed(files):
            if finding.data is not None:
                values, finding.rejections = read_report(
                    finding.file.path,
                    finding.data,
                    finding.modified_at,
                    partial(self._week, finding.file.team, Kind.GENERATED_REPORTS),
                )
                if values:
                    size = len(values[-1])
                    finding.add(*values, self._order.triggered_by, finding.sha256, size=size)
            yield finding

    def _week(self, team: str, kind: Kind) -> Week | None:
        """The week to load; ConfigError where a config file cannot be used."""
        if self._order.week:
            return self._order.week
        if team not in self._configs:
            config = load_config(self._order.workspace, team, self._order.report)
            self._configs[team] = config
        config = self._configs[team]
        week = config.week(SLACK_WEEK) if kind is Kind.SLACK_CAPTURES else None
        return week or config.week(JIRA_WEEK)

    def _configured_week(self, team: str, kind: Kind) -> tuple[Week | None, list[Finding]]:
        """The week to load, and the finding of a config file that cannot be used."""
        try:
            return self._week(team, kind), []
        except ConfigError as error:
            return None, [_failed(kind, team, error.path, error.rejection)]

    def _daily_reports(self, team: str, files: list[SourceFile]) -> Iterator[Finding]:
        look_up = self._memory.stored_days
        for chunk in _chunks(self._read_changed(files)):
            parsed = [(finding, _parsed_days(finding)) for finding in chunk]
            pairs = {(day.author_name, day.report_date) for _, days in parsed for day in days}
            stored = StoredDays(
                day
                for day in (look_up(sorted(pairs)) if look_up and pairs else ())
                if self._order.teams.get(day.team) == self._order.teams[team]
            )
            for finding, days in parsed:
                self._compare(finding, team, days, stored)
                yield finding

    def _compare(
        self, finding: Finding, team: str, days: list[DailyReport], stored: StoredDays
    ) -> None:
        """Add the days whose text is new for this path; note another path's other text."""
        path, name, is_full = finding.file.path, self._order.teams[team], self._order.is_full
        for author, day, content, line_number in days:
            checksum = hashlib.sha256(content).hexdigest()
            if is_full or stored.by_path.get((path, author, day)) != checksum:
                finding.add(author, day, content, checksum, line_number, size=len(content))
            if self._memory.stored_days is None:
                continue
            other = self._days.other_path((name, author, day), path, checksum)
            other = other or stored.other_path((author, day), path, checksum)
            if other and self._order.workspace.exists(other):
                note = same_day_twice(author, day, other, line_number)
                finding.rejections.append(note)
        finding.has_content = bool(days)

    def _read_all(self, files: Iterable[SourceFile]) -> Iterator[Finding]:
        """Files in their order, as many reads at a time as the workspace is worth."""
        tasks = (Task(file, partial(self._read, file), file.size) for file in files)
        for _, finding in in_order(tasks, self._order.workspace.reads_at_once):
            yield cast(Finding, finding)

    def _read(self, file: SourceFile) -> Finding:
        """A file's bytes, and whether an earlier run has read the same."""
        finding = Finding(file, blob_name=file.name)
        try:
            content = self._order.workspace.read(file)
        except ChangedError:
            detail = "it changed after the run had listed it"
            finding.rejections.append(Rejection(Reason.CHANGED_MEANWHILE, detail))
            return finding
        except OSError as error:
            detail = error.strerror or type(error).__name__
            finding.rejections.append(Rejection(Reason.UNREADABLE, detail))
            return finding
        finding.data, finding.modified_at = content.data, content.modified_at
        finding.sha256 = hashlib.sha256(finding.data).hexdigest()
        finding.byte_size = len(finding.data)
        last = self._memory.readings.get((file.kind, file.path))
        finding.is_unchanged = (
            last is not None
            and not self._order.is_full
            and last.sha256 == finding.sha256
            and last.parser_version == PARSER_VERSION
            and last.outcome in {Outcome.LOADED, Outcome.REJECTED}
        )
        return finding

    def _read_changed(self, files: Iterable[SourceFile]) -> Iterator[Finding]:
        """Like `_read_all`, without keeping the bytes of what needs no parsing."""
        for finding in self._read_all(files):
            if finding.is_unchanged:
                finding.data = None
            yield finding


def same_day_twice(author: str, day: date, other: str, line_number: int) -> Rejection:
    """The note that another file of a team has another text for a person and day.

    Args:
        author: The person.
        day: The day.
        other: The other file's path.
        line_number: Where the day begins in the file that the note is of.
    """
    return Rejection(
        Reason.SAME_DAY_TWICE, f"{author}, {day}: {other} has another text", line_number
    )


def _parsed_days(finding: Finding) -> list[DailyReport]:
    if finding.data is None:
        return []
    text, repairs = to_utf8(finding.data)
    days, rejections = parse_daily_reports(text)
    finding.rejections += repairs + rejections
    return days


def _chunks(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """Some findings at a time, so that one question to the database serves many files."""
    chunk: list[Finding] = []
    changed = size = 0
    for finding in findings:
        chunk.append(finding)
        changed += finding.data is not None
        size += len(finding.data or b"")
        if changed >= _CHUNK_CHANGED or size >= _CHUNK_BYTES or len(chunk) >= _CHUNK_FILES:
            yield chunk
            chunk, changed, size = [], 0, 0
    yield chunk


def _add_snapshot(finding: Finding, week: Week) -> None:
    """Add the row of a Jira file, which is stored by reference; also where it is unchanged."""
    data = finding.data or b""
    finding.is_unchanged = False
    if data.strip():
        finding.add(week.start, week.end, len(data), hashlib.sha256(data).hexdigest())
    else:
        detail = "the file holds nothing but white space"
        finding.rejections.append(Rejection(Reason.EMPTY_FILE, detail))


def _failed(kind: Kind, team: str, path: str, rejection: Rejection) -> Finding:
    return Finding(SourceFile(kind, team, path, ""), rejections=[rejection])
