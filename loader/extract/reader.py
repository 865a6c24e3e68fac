"""Process the files of a part, one after the other: read → compare → parse → upload → record.

loading/resolve.py makes the decisions that need the whole run: which days are new, and which text
wins if two files differ.
"""

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import cast

from loader.extract.configs import TeamConfigs
from loader.extract.file_result import FileResult
from loader.extract.options import PreviousRead, Progress, RunSummary
from loader.extract.part_writer import Origin, PartWriter
from loader.extract.row_builders import add_contents, add_jira_snapshot, add_rows, rejection_row
from loader.extract.threads import Task, Threads, in_order
from loader.extract.uploads import BlobReference, Uploader
from loader.parsing.datasources import parse_jira_data
from loader.parsing.decoding import decode
from loader.parsing.rejections import Reason, Rejection, Severity
from loader.parsing.values import Sha256
from loader.parsing.weekly import Week, jira_files, no_jira
from loader.tables import DATA_TABLES, FILES, REJECTIONS, FileRow, Outcome
from loader.words import counted
from loader.workspace import ChangedError, Listing, SourceFile, TooLargeError, list_files
from loader.workspace.json_files import ConfigError
from loader.workspace.kinds import KINDS, Kind
from loader.workspace.name_mapping import mapping_path
from loader.workspace.regular import OutsideError

_NO_BLOB = BlobReference()


class FileProcessor:
    """Read files, parse those that changed, upload them and record the result.

    Args:
        configs: The teams' configs, and the options of the run.
        previous: The latest reads by kind and path.
        uploader: Finds or uploads the files' blobs.
        writer: Receives the rows.
        progress: Receives the progress, if given.
    """

    def __init__(
        self,
        configs: TeamConfigs,
        previous: Mapping[tuple[str, str], PreviousRead],
        uploader: Uploader,
        writer: PartWriter,
        progress: Progress | None,
    ) -> None:
        self.summary = RunSummary()
        self._options = configs.options
        self._previous = previous
        self._uploader = uploader
        self._writer = writer
        self._progress = progress
        self._uploads: Threads[FileResult, BlobReference]
        self._configs = configs
        self._slack_weeks: dict[str, Week | None] = {}
        self._rejections: dict[tuple[str, str], int] = {}  # number of rejections by path
        self._last_recorded = time.perf_counter()

    def process(self, team: str, kind: Kind, listing: Listing) -> None:
        """Process a team's files of one kind.

        Args:
            team: The team's folder.
            kind: The table that they feed.
            listing: The files, sorted, so that the outcome never depends on the order of a folder.

        Raises:
            BlobStoreError: The blob store cannot be used.
        """
        self.summary.kinds[kind].seen += len(listing.files) + len(listing.rejections)
        with Threads[FileResult, BlobReference](self._uploader.concurrency) as self._uploads:
            for file, rejection in listing.rejections:
                self._upload(FileResult(file, rejections=[rejection]))
            if team not in self._options.teams:
                detail = f"no seed has a team for the folder {team!r}"
                for file in listing.files:
                    unknown = Rejection(Reason.UNKNOWN_TEAM, detail)
                    self._upload(FileResult(file, rejections=[unknown]))
            elif kind is Kind.JIRA_SNAPSHOTS:
                self._process_jira(team, listing.files)
            else:
                if kind is Kind.SLACK_CAPTURES and listing.files:
                    self._slack_week(team)  # records an invalid config before the files
                for result in self._read_all(listing.files):
                    self._process(result)
            for result, blob in self._uploads.rest():
                self._record(result, blob or _NO_BLOB)

    def _process(self, result: FileResult) -> None:
        """Parse a file that was read, if it changed."""
        kind, team = result.file.kind, result.file.team
        if result.data is not None and (not result.is_unchanged or kind is Kind.SLACK_CAPTURES):
            is_slack = kind is Kind.SLACK_CAPTURES
            week = self._slack_week if is_slack else partial(self._configs.week, kind)
            add_rows(result, self._configs, partial(week, team))
        if result.is_unchanged:
            result.data = None
        self._upload(result)

    def _read_all(self, files: Iterable[SourceFile]) -> Iterator[FileResult]:
        """Read files in their order, in parallel if the workspace supports it."""
        if not self._options.workspace.reads_at_once:
            yield from map(self._read, files)
            return
        tasks = (Task(file, partial(self._read, file), file.size) for file in files)
        for _, result in in_order(tasks, self._options.workspace.reads_at_once):
            yield cast(FileResult, result)

    def _read(self, file: SourceFile) -> FileResult:
        """Read a file, and compare it with its previous read."""
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
            detail = f"{counted(error.size, 'byte')}; MAX_FILE_MB allows {limit:,}"
            result.rejections.append(Rejection(Reason.TOO_LARGE, detail))
            return result
        except OSError as error:
            is_outside = isinstance(error, OutsideError)
            reason = Reason.LINK_OUTSIDE_TEAM if is_outside else Reason.UNREADABLE
            detail = error.strerror or type(error).__name__
            result.rejections.append(Rejection(reason, detail))
            return result
        result.data, result.modified_at = content.data, content.modified_at
        result.sha256 = Sha256(hashlib.sha256(result.data).hexdigest())
        result.byte_size = len(result.data)
        last = self._previous.get((file.kind, file.path))
        result.is_unchanged = (
            last is not None
            and not self._options.is_full
            and last.sha256 == result.sha256
            and last.parser_version == KINDS[file.kind].parser_version
            and last.outcome in {Outcome.LOADED, Outcome.REJECTED}
        )
        return result

    def _process_jira(self, team: str, files: list[SourceFile]) -> None:
        """Load the best Jira file of the week, else the text in the team's weekly datasource."""
        week = self._jira_week(team, has_files=bool(files))
        if not week:
            return
        by_path = {file.path: file for file in files}
        report = self._options.report
        for path in jira_files(by_path, week, report, self._uploader.uploaded):
            result = self._read(by_path[path])
            if result.data is not None:
                add_jira_snapshot(result, week)
            self._upload(result)
            if result.rows:
                return
        if self._process_jira_data(team, week):
            return
        rejection = no_jira([file.name for file in files], week, report)
        self._reject(
            Kind.JIRA_SNAPSHOTS, team, KINDS[Kind.JIRA_SNAPSHOTS].folder.format(team), rejection
        )

    def _jira_week(self, team: str, *, has_files: bool) -> Week | None:
        """Return the week to load, or None. Record problems of the team's config."""
        kind = Kind.JIRA_SNAPSHOTS
        try:
            config = self._configs.of(team)
            for path, note in config.notes():
                self._reject_config(kind, team, path, note)
            week = self._configs.week(kind, team)
        except ConfigError as error:
            self._reject_config(kind, team, error.path, error.rejection)
            return self._options.week
        if not week and (has_files or self._weekly_datasources(team)):
            rejection = Rejection(Reason.NO_WEEK, f"no week in {config.looked_at}")
            self._reject(kind, team, KINDS[kind].folder.format(team), rejection)
        return week

    def _process_jira_data(self, team: str, week: Week) -> bool:
        """Load `JIRA_DATA` of a weekly datasource; return whether it was found."""
        for file in self._weekly_datasources(team):
            result = self._read(replace(file, kind=Kind.JIRA_SNAPSHOTS))
            if result.data is not None:
                text, result.rejections = parse_jira_data(decode(result.data)[0], week)
                if text:
                    result.data = text.encode()
                    result.blob_name = f"jira_data_{self._options.report}_{week}.md"
                    add_jira_snapshot(result, week)
            if result.rejections or result.rows:
                self._upload(result)
            if result.rows:
                return True
        return False

    def _weekly_datasources(self, team: str) -> list[SourceFile]:
        files = list_files(self._options.workspace, Kind.GENERATED_REPORTS, team).files
        return [file for file in files if file.name.startswith("datasource_weekly_")]

    def _slack_week(self, team: str) -> Week | None:
        """Return the configured week; None without one, or if a config file is invalid."""
        if team not in self._slack_weeks:
            self._slack_weeks[team] = None
            kind = Kind.SLACK_CAPTURES
            try:
                self._slack_weeks[team] = self._configs.week(kind, team)
            except ConfigError as error:
                self._reject_config(kind, team, error.path, error.rejection)
        return self._slack_weeks[team]

    def _reject_config(self, kind: Kind, team: str, path: str, rejection: Rejection) -> None:
        """Record a problem of a config file, for each team that uses the file."""
        if not path.startswith(f"configs/{team}/") and path != mapping_path(team):
            rejection = replace(rejection, detail=f"{path}: {rejection.detail}")
            path = KINDS[kind].folder.format(team)
        self._reject(kind, team, path, rejection)

    def _reject(self, kind: Kind, team: str, path: str, rejection: Rejection) -> None:
        """Record a rejection of a path that is not read as a file."""
        self._upload(FileResult(SourceFile(kind, team, path, ""), rejections=[rejection]))

    def _upload(self, result: FileResult) -> None:
        """Upload a file that has rows while others are read; record finished files in order."""
        if result.rows and result.file.kind in self._options.contents:
            add_contents(result)
        if not self._uploader.concurrency:
            self._record(result, self._uploader.reference(result) if result.rows else _NO_BLOB)
            return
        act = partial(self._uploader.reference, result) if result.rows else None
        size = len(result.data or b"") + result.text_bytes + result.contents.text_bytes
        for finished, blob in self._uploads.put(Task(result, act, size)):
            self._record(finished, blob or _NO_BLOB)

    def _record(self, result: FileResult, blob: BlobReference) -> None:
        """Write the file's rows, its read and its rejections."""
        file, counts = result.file, self.summary.kinds[result.file.kind]
        if self._progress:
            self._progress.advance(blob.uploaded)
        now = time.perf_counter()
        counts.seconds += now - self._last_recorded
        self._last_recorded = now
        key = (file.kind, file.path)
        if result.is_unchanged:
            counts.unchanged += 1
            self.summary.note_unchanged(file.path, self._previous[key].worst)
            return
        rejections, rows = result.rejections, result.rows
        outcome = _outcome(rejections, has_rows=bool(rows))
        if blob.rejection:
            rejections, rows, outcome = [*rejections, blob.rejection], [], Outcome.RETRY
        counts.uploads += blob.uploaded is not None
        for row in rows:
            row.blob_key, row.blob_url = blob.key, blob.url
        origin = Origin(team=file.team, source_path=file.path, file_sha256=result.sha256)
        if rows:
            self._add_rows(result, origin)
        if key not in self._rejections:
            read = FileRow(
                kind=file.kind,
                byte_size=result.byte_size,
                blob_key=blob.key,
                blob_url=blob.url,
                outcome=outcome,
                parser_version=KINDS[file.kind].parser_version,
            )
            self._writer.add(FILES, origin, [read])
        first = self._rejections.get(key, 0)
        self._rejections[key] = first + len(rejections)
        if rejections:
            rejected = [rejection_row(file.kind, each) for each in rejections]
            self._writer.add(REJECTIONS, origin, rejected, first=first)
            self.summary.rejections += [(file.kind, file.path, each) for each in rejections]
        if outcome is Outcome.LOADED or rows:
            counts.loaded += 1
            counts.rows += len(rows)
            counts.bytes += len(result.data or b"")
        elif any(each.reason.severity is Severity.REJECTED for each in rejections):
            counts.rejected += 1

    def _add_rows(self, result: FileResult, origin: Origin) -> None:
        table, contents = DATA_TABLES[result.file.kind], result.contents
        self._writer.add(table, origin, result.rows, text_bytes=result.text_bytes)
        for content_table, columns in contents.columns.values():
            size = contents.text_bytes
            self._writer.add_columns(content_table, origin, columns, text_bytes=size)


def _outcome(rejections: list[Rejection], *, has_rows: bool) -> Outcome:
    if any(rejection.reason.is_outside_the_bytes for rejection in rejections):
        return Outcome.RETRY
    return Outcome.LOADED if has_rows else Outcome.REJECTED
