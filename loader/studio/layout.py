"""Order columns and rows for reading."""

from collections.abc import Mapping, Sequence

# Names and days first, then texts. Ids and checksums last.
_LEADING = (
    *("full_name", "alias", "name", "pattern", "author_name", "person", "speaker", "author"),
    *("issue_key", "ref", "title", "report", "filename", "channel", "object_name", "model"),
    *("report_date", "transcript_date", "meeting_date", "week_start", "collected_week_start"),
    *("collected_week_end", "generated_at", "day", "sent_at", "edited_at", "team", "kind"),
    *("severity", "reason", "detail", "source_path", "summary", "status", "section_kind"),
    *("text", "content", "transcript_text"),
)
_TRAILING = (
    *("search_text", "mentions", "output", "model_info", "blob_key", "blob_url", "byte_size"),
    *("checksum_sha256", "content_hash", "file_sha256", "options", "contents", "execution_id"),
    *("loaded_at", "created_at", "updated_at", "key", "id", "row_id", "run_id", "load_id"),
    *("_dlt_load_id", "schema", "version_hash", "schema_version_hash"),
)
_LATEST_FIRST = (
    *("report_date", "transcript_date", "meeting_date", "week_start", "collected_week_start"),
    *("generated_at", "day", "sent_at", "edited_at", "loaded_at", "inserted_at"),
)
_BY_NAME = ("full_name", "alias", "name", "ref", "pattern", "table_name", "schema_name", "model")
# Rows of a day: by author, parent, and position in the text.
_THEN = (
    *("author_name", "person", "team", "filename", "channel", "source_path", "object_name"),
    *("daily_report_id", "meeting_transcript_id", "jira_snapshot_id", "slack_capture_id"),
    *("line_number", "position"),
)
_LONG = ("text", "content", "transcript_text", "search_text", "detail", "output", "mentions")


def ordered(columns: Sequence[str], references: Sequence[str]) -> list[str]:
    """Return the names of columns in a readable order.

    Args:
        columns: The order in the table.
        references: Columns with ids of other rows, which a page shows as names.
    """

    def place(name: str) -> tuple[int, int]:
        if name in _LEADING:
            return 0, _LEADING.index(name)
        if name in _TRAILING:
            return 3, _TRAILING.index(name)
        if name in references:
            return 1, 0
        return (4, 0) if name.endswith("_id") else (2, 0)

    return sorted(columns, key=place)


def is_aside(name: str, references: Sequence[str]) -> bool:
    """Return whether a list shows a column only on request."""
    return name in _TRAILING or (name.endswith("_id") and name not in references)


def default_order(
    nullable: Mapping[str, bool], *, is_content: bool
) -> tuple[tuple[str, bool], ...]:
    """Return the columns of the default order, each with whether it is descending.

    Args:
        nullable: Whether each column may be null, by its name.
        is_content: Whether the rows are from a content table.
    """
    dates = () if is_content and "day" not in nullable else _LATEST_FIRST
    first = [(name, True) for name in dates if name in nullable][:1]
    first = first or [(name, False) for name in _BY_NAME if name in nullable][:1]
    if not first:
        return ()
    rest = [(name, False) for name in _THEN if name in nullable and not nullable[name]]
    return (*first, *(each for each in rest if each[0] != first[0][0]))


def is_long(name: str) -> bool:
    """Return whether a column holds texts too long for sorting."""
    return name in _LONG
