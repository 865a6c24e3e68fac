"""Execute the plan of a takeover in PostgreSQL."""

from collections.abc import Iterable
from typing import Any

from loader.database.warehouse import Warehouse
from loader.tables import FINAL_TABLES, LINKS
from loader.takeover.plan import Plan
from loader.takeover.rows import CHILDREN, NAMED

# Columns that are copied together with a text.
_TEXT = {
    "daily_reports": ("content", "checksum_sha256", "blob_key", "blob_url", "loaded_at"),
    "meeting_transcripts": (
        *("transcript_text", "checksum_sha256", "byte_size"),
        *("blob_key", "blob_url", "loaded_at"),
    ),
    "generated_reports": (),
}
_KEYS = {
    "daily_reports": ("author_name", "report_date"),
    "meeting_transcripts": ("filename", "transcript_date"),
}
_COPY = """
    update {TABLE} as kept
    set {VALUES}
    from (select unnest(%s::uuid[]) as id, unnest(%s::uuid[]) as source) as pairs
    inner join {TABLE} as source on pairs.source = source.id
    where kept.id = pairs.id
"""
_PARK = "update {TABLE} set {NAME} = cast(id as text) where id = any(%s::uuid[])"
_POINT = "update {TABLE} set {COLUMN} = joined.kept from joined where {COLUMN} = joined.gone"
_DESCRIBE = """
    update {TABLE} as kept
    set description = gone.description
    from joined
    inner join {TABLE} as gone on joined.gone = gone.id
    where kept.id = joined.kept and kept.description is null and gone.description is not null
"""
_DELETE = "delete from {TABLE} using joined where {TABLE}.id = joined.gone"
_NAME = """
    update {TABLE} as stored
    set name = found.name
    from (select unnest(%s::uuid[]) as id, unnest(%s::text[]) as name) as found
    where stored.id = found.id
"""
_NAME_AND_DAY = """
    update {TABLE} as stored
    set {NAME} = found.name, {DAY} = found.day
    from (
        select unnest(%s::uuid[]) as id, unnest(%s::text[]) as name, unnest(%s::date[]) as day
    ) as found
    where stored.id = found.id
"""
# Links that become equal when their rows are merged: keep one.
_EQUAL_LINKS = """
    delete from report_data_links
    where id in (
        select id
        from (
            select
                links.id,
                row_number() over (
                    partition by
                        coalesce(report.kept, links.generated_report_id),
                        coalesce(jira.kept, links.jira_snapshot_id),
                        coalesce(slack.kept, links.slack_capture_id),
                        coalesce(day.kept, links.daily_report_id),
                        coalesce(meeting.kept, links.meeting_transcript_id)
                    order by links.created_at, links.id
                ) as n
            from report_data_links as links
            left join joined as report on links.generated_report_id = report.gone
            left join joined as jira on links.jira_snapshot_id = jira.gone
            left join joined as slack on links.slack_capture_id = slack.gone
            left join joined as day on links.daily_report_id = day.gone
            left join joined as meeting on links.meeting_transcript_id = meeting.gone
        ) as numbered
        where n > 1
    )
"""


def carry_out(warehouse: Warehouse, plan: Plan) -> None:
    """Change and merge the rows as planned, within a transaction of the caller."""
    there = warehouse.final_tables()
    warehouse.execute("create temporary table joined (gone uuid, kept uuid) on commit drop")
    pairs = [(gone, join.kept) for join in plan.joins for gone in join.gone]
    warehouse.execute(
        "insert into joined select unnest(%s::uuid[]), unnest(%s::uuid[])", _columns(pairs)
    )
    for table, columns in _TEXT.items():
        sources = [(join.kept, join.source) for join in plan.joins if join.table == table]
        _copy(warehouse, table, columns, [pair for pair in sources if pair[1]])
    if LINKS in there:
        warehouse.execute(_EQUAL_LINKS)
    changes = {table: [c for c in plan.changes if c.table == table] for table in FINAL_TABLES}
    for table, (name, _) in _KEYS.items():
        # Move rows out of the way first: a moved day may equal one that is moved later.
        ids = [change.id for change in changes[table]]
        if ids:
            warehouse.execute(_PARK.format(TABLE=table, NAME=name), [ids])
    for table in (*_TEXT, *reversed(NAMED)):
        if plan.kept(table):
            _remove(warehouse, table, there)
    for table, changed in changes.items():
        if changed:
            name, day = _KEYS.get(table, ("name", ""))
            statement = _NAME_AND_DAY if day else _NAME
            rows = [(change.id, *change.after) for change in changed]
            warehouse.execute(statement.format(TABLE=table, NAME=name, DAY=day), _columns(rows))


def _remove(warehouse: Warehouse, table: str, there: set[str]) -> None:
    """Point all references to the kept rows, and delete the others."""
    for child, column in CHILDREN[table]:
        if child in there:
            warehouse.execute(_POINT.format(TABLE=child, COLUMN=column))
    if table in NAMED:
        warehouse.execute(_DESCRIBE.format(TABLE=table))
    warehouse.execute(_DELETE.format(TABLE=table))


def _copy(
    warehouse: Warehouse, table: str, columns: Iterable[str], pairs: list[tuple[Any, ...]]
) -> None:
    """Copy the newest text to the kept rows, by the id of its row."""
    there = warehouse.columns(warehouse.final_schema, table)
    values = ", ".join(f"{column} = source.{column}" for column in columns if column in there)
    if pairs and values:
        warehouse.execute(_COPY.format(TABLE=table, VALUES=values), _columns(pairs))


def _columns(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    """Return the columns of rows as arrays; two empty arrays if there are no rows."""
    return [list(column) for column in zip(*rows, strict=True)] or [[], []]
