"""Parse a file and add its rows and rejections to its result, with one function per kind."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath

from loader.extract.configs import TeamConfigs
from loader.extract.contents import too_long
from loader.extract.file_result import FileResult
from loader.parsing.daily_reports import parse_daily_reports
from loader.parsing.datasources import parse_datasource
from loader.parsing.decoding import decode, to_utf8
from loader.parsing.generated_reports import MISSING_DAYS, describe_report
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.transcripts import parse_transcript
from loader.parsing.values import Sha256, Text
from loader.parsing.weekly import Week, parse_slack
from loader.tables import (
    DailyReportRow,
    GeneratedReportRow,
    JiraSnapshotRow,
    MeetingTranscriptRow,
    RejectionRow,
    SlackCaptureRow,
)
from loader.words import counted
from loader.workspace.json_files import ConfigError
from loader.workspace.kinds import Kind


def add_rows(
    result: FileResult, configs: TeamConfigs, configured_week: Callable[[], Week | None]
) -> None:
    """Parse a file, and add its rows and rejections.

    Args:
        result: The file, with its bytes.
        configs: The teams' configs, and the options of the run.
        configured_week: Returns the config's week; may raise ConfigError for a generated report.
    """
    team = result.file.team
    match result.file.kind:
        case Kind.DAILY_REPORTS:
            _add_daily_reports(result, configs)
        case Kind.MEETING_TRANSCRIPTS:
            _add_transcripts(result, configs)
        case Kind.SLACK_CAPTURES:
            _add_slack_captures(result, configured_week(), configs.looked_at(team))
        case Kind.GENERATED_REPORTS:
            _add_generated_report(result, configs, configured_week)


def _add_daily_reports(result: FileResult, configs: TeamConfigs) -> None:
    """Add a row for each employee and day of the file."""
    text = _text(result, configs)
    if text is None:
        return
    team, name = result.file.team, result.file.name
    reports, rejections = parse_daily_reports(
        text, name, configs.date_order(team), configs.find_person(team)
    )
    result.rejections += rejections
    for report in reports:
        row = DailyReportRow(
            author_name=report.author_name,
            report_date=report.report_date,
            content=report.content,
            checksum_sha256=sha256(report.content),
            line_number=report.line_number,
        )
        result.rows.append(row)
        result.text_bytes += len(report.content)


def _add_transcripts(result: FileResult, configs: TeamConfigs) -> None:
    """Add the row of a transcript."""
    text = _text(result, configs)
    if text is None:
        return
    order = configs.date_order(result.file.team)
    transcripts, rejections = parse_transcript(result.file.name, text, order)
    result.rejections += rejections
    for transcript in transcripts:
        row = MeetingTranscriptRow(
            filename=transcript.filename,
            transcript_date=transcript.transcript_date,
            date_from=transcript.date_from,
            started_at=transcript.started_at,
            transcript_text=transcript.transcript_text,
            byte_size=len(text),
            checksum_sha256=sha256(text),
        )
        result.rows.append(row)
        result.text_bytes += len(text)


def _text(result: FileResult, configs: TeamConfigs) -> bytes | None:
    """Return the file's text and record repairs; return None and reject it if it is too large."""
    text, repairs = to_utf8(result.data or b"")
    max_bytes = configs.options.max_file_bytes
    if len(text) > max_bytes:
        detail = f"{counted(len(text), 'byte')} of text; MAX_FILE_MB allows {max_bytes:,}"
        result.rejections.append(Rejection(Reason.TOO_LARGE, detail))
        return None
    result.rejections += repairs
    return text


def _add_slack_captures(result: FileResult, week: Week | None, looked_at: str) -> None:
    """Add the row of a capture, if it is new or of the configured week.

    Each run adds a row for its week, even if the file is unchanged.
    """
    data = result.data or b""
    name = PurePosixPath(result.file.name).name
    captures, rejections = parse_slack(name, decode(data)[0], week, looked_at)
    is_due = any(capture.week == week for capture in captures)
    result.is_unchanged = result.is_unchanged and not is_due
    if result.is_unchanged:
        return
    result.rejections += rejections
    for capture in captures:
        row = SlackCaptureRow(
            channel=capture.channel,
            collected_week_start=capture.week.start,
            collected_week_end=capture.week.end,
            byte_size=len(data),
            checksum_sha256=sha256(data),
        )
        result.rows.append(row)


def _add_generated_report(
    result: FileResult, configs: TeamConfigs, configured_week: Callable[[], Week | None]
) -> None:
    """Add the row of a generated datasource; without a date range, use the config's week."""
    file, data = result.file, result.data or b""
    text, result.rejections = decode(data)
    datasource, rejections = parse_datasource(text, configs.date_order(file.team))
    result.rejections += rejections
    if not datasource:
        return
    try:
        week = datasource.date_range or configured_week()
    except ConfigError as error:
        detail = f"{error.path}: {error.rejection.detail}"
        result.rejections.append(replace(error.rejection, detail=detail))
        return
    if not week:  # loaded, but without a week
        result.rejections.append(Rejection(Reason.NO_WEEK, MISSING_DAYS))
    report = describe_report(file.path, datasource, week, result.modified_at)
    row = GeneratedReportRow(
        filename=report.filename,
        generated_at=report.generated_at,
        date_range_start=week.start if week else None,
        date_range_end=week.end if week else None,
        output=report.output,
        triggered_by=configs.options.triggered_by,
        content_hash=sha256(data),
    )
    result.rows.append(row)
    result.text_bytes += len(report.output)


def add_contents(result: FileResult) -> None:
    """Parse the texts of a file that has rows into content rows.

    Only the blob holds the text of a Jira or Slack file.
    """
    for row in result.rows:
        if isinstance(row, DailyReportRow):
            text, line = row.content, row.line_number
        elif isinstance(row, MeetingTranscriptRow):
            text, line = row.transcript_text, None
        elif isinstance(row, JiraSnapshotRow | SlackCaptureRow):
            text, line = Text(result.data or b""), None
        else:
            continue
        if detail := too_long(text):
            result.rejections.append(Rejection(Reason.CONTENTS_LEFT_OUT, detail, line))
        else:
            result.contents.add(result.file.kind, result.file.name, text, row.checksum_sha256)


def rejection_row(kind: Kind, rejection: Rejection) -> RejectionRow:
    """Return the row of a rejection."""
    return RejectionRow(
        kind=kind,
        line_number=rejection.line_number,
        severity=rejection.reason.severity,
        reason=rejection.reason,
        detail=rejection.detail,
    )


def add_jira_snapshot(result: FileResult, week: Week) -> None:
    """Add the row of a Jira file, even if the file is unchanged."""
    data = result.data or b""
    result.is_unchanged = False
    if not data.strip():
        detail = "the file holds nothing but white space"
        result.rejections.append(Rejection(Reason.EMPTY_FILE, detail))
        return
    row = JiraSnapshotRow(
        collected_week_start=week.start,
        collected_week_end=week.end,
        byte_size=len(data),
        checksum_sha256=sha256(data),
    )
    result.rows.append(row)


def sha256(data: bytes) -> Sha256:
    """Return the SHA-256 of some bytes."""
    return Sha256(hashlib.sha256(data).hexdigest())
