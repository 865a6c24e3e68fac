"""Turn the metadata of a generated datasource into the row of a report."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from loader.parsing.datasources import Datasource
from loader.parsing.moments import certain
from loader.parsing.values import Filename, Json
from loader.parsing.weekly import Week

_EARLIEST, _LATEST = 0, datetime.max.replace(tzinfo=UTC).timestamp() - 1

MISSING_DAYS = "neither the datasource nor the config names its week: only days in its text count"


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A generated report.

    Args:
        filename: The datasource's name.
        generated_at: The time of generation; the file's time if that is missing or uncertain.
        output: The metadata of the datasource, and the origin of its times.
    """

    filename: Filename
    generated_at: datetime
    output: Json


def describe_report(
    path: str, datasource: Datasource, week: Week | None, modified_at: float
) -> Report:
    """Describe a report.

    Args:
        path: The file, relative to the workspace.
        datasource: The file's metadata.
        week: The days that it covers: its own, else the configured week.
        modified_at: The time of the file's last change, in seconds since 1970.
    """
    filename = path.rpartition("/")[2]
    modified = datetime.fromtimestamp(min(max(modified_at, _EARLIEST), _LATEST), UTC)
    said = certain(datasource.generated_at, modified)
    generated_at = said or modified
    output = {
        "source_path": path,
        "filename": filename,
        "generated_at": generated_at.isoformat(),
        "generated_at_from": "datasource" if said else "modification time",
        "date_range_start": week and week.start.isoformat(),
        "date_range_end": week and week.end.isoformat(),
        "date_range_from": week and ("datasource" if datasource.date_range else "config"),
        "project": datasource.project,
        "person": datasource.person,
        "members": datasource.members,
        "sources": datasource.sources,
        "days": [
            {"author_name": author, "report_date": day.isoformat()}
            for author, day in datasource.days
        ],
        "meetings": datasource.meetings,
        "block_sizes": datasource.block_sizes,
    }
    return Report(
        filename=Filename(filename),
        generated_at=generated_at,
        output=Json(json.dumps(output, ensure_ascii=False)),
    )
