"""What a generated datasource becomes: the values of its row."""

import json
from datetime import UTC, date, datetime

from loader.parsing.datasources import Datasource
from loader.parsing.weekly import Week

_LATEST = datetime.max.replace(tzinfo=UTC).timestamp() - 1


def report_values(
    path: str, datasource: Datasource, configured: Week | None, modified_at: float
) -> tuple[str, datetime, date | None, date | None, str]:
    """The raw table's own columns up to who triggered it.

    Args:
        path: Of the file, relative to the workspace.
        datasource: What the file says of itself.
        configured: The week of the config, for a file that names no dates.
        modified_at: When the file last changed, in seconds since 1970, for one that does not say
            when it was generated.

    Returns:
        File name, generated at, first and last day that it covers, and a JSON object that repeats
        them and says where they come from, with the project, the members and the size in bytes of
        each data block.
    """
    filename = path.rpartition("/")[2]
    modified = datetime.fromtimestamp(min(modified_at, _LATEST), UTC)
    generated_at = datasource.generated_at or modified
    week = datasource.date_range or configured
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
