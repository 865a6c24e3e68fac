"""Find the file and line of each blob in the raw tables."""

from collections.abc import Iterable
from datetime import date

from loader.database.queries import FINISHED
from loader.database.sessions import Session

# A reader role has no right on `raw`; sources then have no path.
_CAN_READ = """
    select
        case
            when has_schema_privilege('raw', 'usage')
            then
                has_table_privilege('raw.files', 'select')
                and has_table_privilege('raw.daily_reports', 'select')
                and has_table_privilege('raw.runs', 'select')
            else false
        end
"""
_PATHS = f"""
    select blob_key, source_path
    from raw.files
    where blob_key = any(%s) and {FINISHED}
    order by loaded_at
"""  # noqa: S608 - constants
_LINES = f"""
    select blob_key, report_date, checksum_sha256, source_path, line_number
    from raw.daily_reports
    where blob_key = any(%s) and {FINISHED}
    order by loaded_at, line_number desc
"""  # noqa: S608 - constants


class Origins:
    """The files of blobs, read once.

    Args:
        session: Connects to the database.
        keys: The blobs' names; None for rows without a blob.
        has_days: Whether they hold daily reports, whose lines are known.
    """

    def __init__(
        self, session: Session, keys: Iterable[str | None], *, has_days: bool = False
    ) -> None:
        known = sorted({key for key in keys if key})
        self._paths: dict[str, str] = {}
        self._lines: dict[tuple[object, ...], tuple[str | None, int | None]] = {}
        if not known or not session.fetch(_CAN_READ).rows[0][0]:
            return
        self._paths = dict(session.fetch(_PATHS, [known]).rows)
        if has_days:
            rows = session.fetch(_LINES, [known]).rows
            self._lines = {tuple(row[:3]): (row[3], row[4]) for row in rows}

    def path(self, key: str | None) -> str | None:
        """Return the file of a blob; None if unknown."""
        return self._paths.get(key or "")

    def line(
        self, key: str | None, day: date | None, checksum: str | None
    ) -> tuple[str | None, int | None]:
        """Return the file of a daily report, and the line where its day starts."""
        return self._lines.get((key, day, checksum), (self.path(key), None))
