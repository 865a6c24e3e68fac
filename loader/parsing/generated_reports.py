"""What a generated datasource becomes: the values of its row."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

from loader.parsing.datasources import Datasource, parse_datasource
from loader.parsing.decoding import decode
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.weekly import Week
from loader.workspace.team_config import ConfigError

_EARLIEST, _LATEST = 0, datetime.max.replace(tzinfo=UTC).timestamp() - 1

ReportValues = tuple[str, datetime, date | None, date | None, str]


def read_report(
    path: str, data: bytes, modified_at: float, configured_week: Callable[[], Week | None]
) -> tuple[ReportValues | None, list[Rejection]]:
    """Read a generated datasource.

    Args:
        path: Of the file, relative to the workspace.
        data: Its bytes.
        modified_at: When it last changed, in seconds since 1970, for one that does not say when it
            was generated.
        configured_week: Gives the config's week, for one that names no days; may raise
            ConfigError.

    Returns:
        The raw table's own columns up to `output`, or None, and what was left out or repaired. One
        without days is a row and a rejection: it waits for them.
    """
    text, rejections = decode(data)
    datasource, problems = parse_datasource(text)
    rejections += problems
    if not datasource:
        return None, rejections
    try:
        week = datasource.date_range or configured_week()
    except ConfigError as error:
        detail = f"{error.path}: {error.rejection.detail}"
        return None, [*rejections, replace(error.rejection, detail=detail)]
    if not week:
        detail = "neither the datasource nor the config names its days: it gets no sources"
        rejections.append(Rejection(Reason.NO_WEEK, detail))
    return _values(path, datasource, week, modified_at), rejections


def _values(
    path: str, datasource: Datasource, week: Week | None, modified_at: float
) -> ReportValues:
    """File name, generated at, first and last day, and the JSON that says where they come from."""
    filename = path.rpartition("/")[2]
    modified = datetime.fromtimestamp(min(max(modified_at, _EARLIEST), _LATEST), UTC)
    generated_at = datasource.generated_at or modified
    start, end = (week.start, week.end) if week else (None, None)
    output = {
        "source_path": path,
        "filename": filename,
        "generated_at": generated_at.isoformat(),
        "generated_at_from": "datasource" if datasource.generated_at else "modification time",
        "date_range_start": start and start.isoformat(),
        "date_range_end": end and end.isoformat(),
        "date_range_from": week and ("datasource" if datasource.date_range else "config"),
        "project": datasource.project,
        "members": datasource.members,
        "block_sizes": datasource.block_sizes,
    }
    return filename, generated_at, start, end, json.dumps(output, ensure_ascii=False)
