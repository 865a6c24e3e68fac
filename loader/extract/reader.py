"""Read a team's files: each one's rows and rejections, if it changed since the last run."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain
from pathlib import PurePosixPath
from typing import cast

from loader.extract.options import Outcome, PreviousRead, RunOptions
from loader.extract.threads import Task, in_order
from loader.parsing import PARSER_VERSION
from loader.parsing.daily_reports import parse_daily_reports
from loader.parsing.datasources import parse_jira_data
from loader.parsing.decoding import decode, to_utf8
from loader.parsing.generated_reports import read_report
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.transcripts import parse_transcript
from loader.parsing.weekly import Week, jira_files, parse_slack
from loader.workspace import ChangedError, SourceFile, TooLargeError, list_files
from loader.workspace.kinds import FOLDERS, Kind
from loader.workspace.team_config import JIRA_WEEK, SLACK_WEEK, ConfigError, TeamConfig, load_config


@dataclass(slots=True)
class FileResult:
    """The rows and rejections of one file.

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
        is_unchanged: Whether its bytes are those of the previous read.
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

    def add(self, *values: object, size: int = 0) -> None:
        """Add a row."""
        self.records.append(values)
        self.size += size


class FileReader:
    """Reads files, compares them with their previous reads and parses those that changed.

    Args:
        options: The options of the run.
        previous: The latest reads by kind and path.
    """

    def __init__(
        self, options: RunOptions, previous: Mapping[tuple[str, str], PreviousRead]
    ) -> None:
        self._options = options
        self._previous = previous
        self._configs: dict[str, TeamConfig] = {}

    def results(self, team: str, kind: Kind, files: list[SourceFile]) -> Iterator[FileResult]:
        """Read a team's files of one kind, in order.

        Args:
            team: The team's folder.
            kind: The table that they feed.
            files: Sorted, so that the outcome never depends on the order of a folder.
        """
        if team not in self._options.teams:
            if files:
                detail = f"no seed has a team for the folder {team!r}"
                rejection = Rejection(Reason.UNKNOWN_TEAM, detail)
                yield from (FileResult(file, rejections=[rejection]) for file in files)
            return
        match kind:
            case Kind.DAILY_REPORTS:
                yield from self._daily_reports(files)
            case Kind.MEETING_TRANSCRIPTS:
                yield from self._transcripts(files)
            case Kind.JIRA_SNAPSHOTS:
                yield from self._jira_snapshot(team, files)
            case Kind.SLACK_CAPTURES:
                yield from self._slack_captures(team, files)
            case Kind.GENERATED_REPORTS:
                yield from self._generated_reports(files)

    def _transcripts(self, files: list[SourceFile]) -> Iterator[FileResult]:
        for result in self._read_changed(files):
            if result.data is not None:
                text, repairs = to_utf8(result.data)
                transcripts, rejections = parse_transcript(result.file.name, text)
                result.rejections += repairs + rejections
                for item in transcripts:
                    when = (item.filename, item.transcript_date, item.started_at)
                    checksum = hashlib.sha256(text).hexdigest() if repairs else result.sha256
                    result.add(*when, text, len(text), checksum, size=len(text))
            yield result

    def _slack_captures(self, team: str, files: list[SourceFile]) -> Iterator[FileResult]:
        if not files:
            return
        week, problem = self._configured_week(team, Kind.SLACK_CAPTURES)
        yield from problem
        for result in self._read_all(files):
            if result.data is not None:
                name = PurePosixPath(result.file.name).name
                captures, rejections = parse_slack(name, decode(result.data)[0], week)
                is_due = any(capture.week == week for capture in captures)
                result.is_unchanged = result.is_unchanged and not is_due
                if not result.is_unchanged:
                    result.rejections += rejections
                    for capture in captures:
                        span = (capture.week.start, capture.week.end)
                        result.add(capture.channel, *span, len(result.data), result.sha256)
            yield result

    def _jira_snapshot(self, team: str, files: list[SourceFile]) -> Iterator[FileResult]:
        week, problem = self._configured_week(team, Kind.JIRA_SNAPSHOTS)
        yield from problem
        folder = FOLDERS[Kind.JIRA_SNAPSHOTS].of_team(team)
        if not week:
            if not problem and (files or self._weekly_datasources(team)):
                detail = "neither the config nor --week-start and --week-end name a week"
                yield _failed(Kind.JIRA_SNAPSHOTS, team, folder, Rejection(Reason.NO_WEEK, detail))
            return
        by_path = {file.path: file for file in files}
        ranked = map(by_path.__getitem__, jira_files(by_path, week, self._options.report))
        for result in chain(self._jira_files(ranked, week), self._jira_data(team, week)):
            yield result
            if result.records:
                return
        detail = f"no Jira file and no JIRA_DATA of the week {week} that could be read"
        rejection = Rejection(Reason.NO_JIRA_FOR_WEEK, detail)
        yield _failed(Kind.JIRA_SNAPSHOTS, team, folder, rejection)

    def _jira_files(self, files: Iterable[SourceFile], week: Week) -> Iterator[FileResult]:
        for result in map(self._read, files):
            if result.data is not None:
                _add_snapshot(result, week)
            yield result

    def _weekly_datasources(self, team: str) -> list[SourceFile]:
        files = list_files(self._options.workspace, Kind.GENERATED_REPORTS, team).files
        return [file for file in files if file.name.startswith("datasource_weekly_")]

    def _jira_data(self, team: str, week: Week) -> Iterator[FileResult]:
        """The text of `JIRA_DATA` in the team's weekly datasource; rejections of broken ones."""
        for file in self._weekly_datasources(team):
            result = self._read(replace(file, kind=Kind.JIRA_SNAPSHOTS))
            if result.data is not None:
                result.is_unchanged = False
                text, result.rejections = parse_jira_data(decode(result.data)[0], week)
                if text:
                    result.data = text.encode()
                    result.blob_name = f"jira_data_{self._options.report}_{week}.md"
                    _add_snapshot(result, week)
            if result.rejections or result.records:
                yield result

    def _generated_reports(self, files: list[SourceFile]) -> Iterator[FileResult]:
        for result in self._read_changed(files):
            if result.data is not None:
                values, result.rejections = read_report(
                    result.file.path,
                    result.data,
                    result.modified_at,
                    partial(self._week, result.file.team, Kind.GENERATED_REPORTS),
                )
                if values:
                    size = len(values[-1])
                    result.add(*values, self._options.triggered_by, result.sha256, size=size)
            yield result

    def _week(self, team: str, kind: Kind) -> Week | None:
        """The week to load; ConfigError where a config file cannot be used."""
        if self._options.week:
            return self._options.week
        if team not in self._configs:
            config = load_config(self._options.workspace, team, self._options.report)
            self._configs[team] = config
        config = self._configs[team]
        week = config.week(SLACK_WEEK) if kind is Kind.SLACK_CAPTURES else None
        return week or config.week(JIRA_WEEK)

    def _configured_week(self, team: str, kind: Kind) -> tuple[Week | None, list[FileResult]]:
        """The week to load, and the result of a config file that cannot be used."""
        try:
            return self._week(team, kind), []
        except ConfigError as error:
            return None, [_failed(kind, team, error.path, error.rejection)]

    def _daily_reports(self, files: list[SourceFile]) -> Iterator[FileResult]:
        # Which of the days are new, and where two files differ, load/resolve.py decides.
        for result in self._read_changed(files):
            if result.data is not None:
                text, repairs = to_utf8(result.data)
                days, rejections = parse_daily_reports(text)
                result.rejections += repairs + rejections
                for author, day, content, line_number in days:
                    checksum = hashlib.sha256(content).hexdigest()
                    result.add(author, day, content, checksum, line_number, size=len(content))
            yield result

    def _read_all(self, files: Iterable[SourceFile]) -> Iterator[FileResult]:
        """Files in their order, as many reads at a time as the workspace is worth."""
        tasks = (Task(file, partial(self._read, file), file.size) for file in files)
        for _, result in in_order(tasks, self._options.workspace.reads_at_once):
            yield cast(FileResult, result)

    def _read(self, file: SourceFile) -> FileResult:
        """A file's bytes, and whether an earlier run has read the same."""
        result = FileResult(file, blob_name=file.name)
        try:
            content = self._options.workspace.read(file, self._options.max_file_bytes)
        except ChangedError:
            detail = "it changed after the run had listed it"
            result.rejections.append(Rejection(Reason.CHANGED_MEANWHILE, detail))
            return result
        except TooLargeError as error:
            result.byte_size = error.size
            limit = self._options.max_file_bytes
            detail = f"{error.size:,} bytes; MAX_FILE_MB allows {limit:,}"
            result.rejections.append(Rejection(Reason.TOO_LARGE, detail))
            return result
        except OSError as error:
            detail = error.strerror or type(error).__name__
            result.rejections.append(Rejection(Reason.UNREADABLE, detail))
            return result
        result.data, result.modified_at = content.data, content.modified_at
        result.sha256 = hashlib.sha256(result.data).hexdigest()
        result.byte_size = len(result.data)
        last = self._previous.get((file.kind, file.path))
        result.is_unchanged = (
            last is not None
            and not self._options.is_full
            and last.sha256 == result.sha256
            and last.parser_version == PARSER_VERSION
            and last.outcome in {Outcome.LOADED, Outcome.REJECTED}
        )
        return result

    def _read_changed(self, files: Iterable[SourceFile]) -> Iterator[FileResult]:
        """Like `_read_all`, without keeping the bytes of what needs no parsing."""
        for result in self._read_all(files):
            if result.is_unchanged:
                result.data = None
            yield result


def _add_snapshot(result: FileResult, week: Week) -> None:
    """Add the row of a Jira file, which is stored by reference; also where it is unchanged."""
    data = result.data or b""
    result.is_unchanged = False
    if data.strip():
        result.add(week.start, week.end, len(data), hashlib.sha256(data).hexdigest())
    else:
        detail = "the file holds nothing but white space"
        result.rejections.append(Rejection(Reason.EMPTY_FILE, detail))


def _failed(kind: Kind, team: str, path: str, rejection: Rejection) -> FileResult:
    return FileResult(SourceFile(kind, team, path, ""), rejections=[rejection])
