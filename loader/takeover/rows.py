"""The rows of a takeover, read from PostgreSQL."""

from collections.abc import Iterator
from uuid import UUID

from loader.database.warehouse import Warehouse
from loader.tables import FINAL_TABLES, LINKS
from loader.takeover.plan import Named, Plan, Stored, join_named, join_stored, name_key
from loader.takeover.texts import read_daily_report, read_transcript
from loader.workspace.teams import SeedNames

# Tables whose rows are found by name, and the parents of their rows.
NAMED = {"organizations": None, "teams": "organization_id", "report_types": None}
# Tables that refer to a row of each table.
CHILDREN = {
    "organizations": [("teams", "organization_id")],
    "report_types": [("generated_reports", "report_type_id")],
    "teams": [(name, "team_id") for name, table in FINAL_TABLES.items() if table.link],
    **{name: [(LINKS, table.link)] for name, table in FINAL_TABLES.items() if table.link},
}
_NEEDED = {
    **{
        table: {"id", "name", "description", "created_at", parent or "id"}
        for table, parent in NAMED.items()
    },
    **{
        table: {"id", "team_id", *columns, "blob_key", "created_at", "updated_at"}
        for table, columns in (
            ("daily_reports", ("author_name", "report_date", "content")),
            ("meeting_transcripts", ("filename", "transcript_date", "transcript_text")),
            ("generated_reports", ("report_type_id", "content_hash")),
        )
    },
}
_SELECT = {
    "daily_reports": """
        select
            id, team_id, author_name, report_date, md5(content), blob_key is not null,
            {LOADED}, created_at, updated_at, case when not {LOADED} then content end
        from daily_reports
    """,
    "meeting_transcripts": """
        select
            id, team_id, filename, cast(transcript_date as date), md5(transcript_text),
            blob_key is not null, {LOADED}, created_at, updated_at,
            case when not {LOADED} then transcript_text end
        from meeting_transcripts
    """,
    "generated_reports": """
        select
            id, team_id, cast(report_type_id as text), content_hash, content_hash,
            blob_key is not null, {LOADED}, created_at, updated_at, null
        from generated_reports
        where content_hash is not null
    """,
}
_REFERRING = """
    select n.nspname, c.relname, a.attname
    from pg_catalog.pg_constraint as con
    inner join pg_catalog.pg_class as c on con.conrelid = c.oid
    inner join pg_catalog.pg_namespace as n on c.relnamespace = n.oid
    inner join pg_catalog.pg_attribute as a on a.attrelid = c.oid and a.attnum = con.conkey[1]
    where con.contype = 'f' and con.confrelid = to_regclass(%s) and cardinality(con.conkey) = 1
"""
_REFERRED = 'select distinct "{}" from "{}"."{}"'
_ROWS = "select id, name, created_at, {PARENT}, to_jsonb(t) from {TABLE} as t"
_COUNT = "select {COLUMN}, count(*) from {TABLE} group by 1"


def read_plan(warehouse: Warehouse, seeds: SeedNames) -> Plan:
    """Read the rows of the final tables, and return the plan for them.

    Args:
        warehouse: A PostgreSQL database; some tables may be missing.
        seeds: The names in the seeds.
    """
    plan = Plan()
    there = warehouse.final_tables()
    names = {
        "organizations": {name_key(text): name for text, name in seeds.organizations.items()},
        "teams": {name_key(alias): name for alias, name in seeds.teams.items()},
        "report_types": {name_key(name): name for name in seeds.report_types},
    }
    for table, parent in NAMED.items():
        if _can_be_read(warehouse, table, there):
            rows = list(_named(warehouse, table, parent))
            join_named(plan, table, rows, names[table], plan.kept("organizations"))
    apart: set[UUID] = set()
    for table in _SELECT:
        if _can_be_read(warehouse, table, there):
            apart |= join_stored(plan, table, _stored(warehouse, table, plan))
    plan.keep_apart(apart)
    return plan


def _can_be_read(warehouse: Warehouse, table: str, there: set[str]) -> bool:
    """Return whether a table has the columns of the replaced system."""
    return table in there and _NEEDED[table] <= warehouse.columns(warehouse.final_schema, table)


def _named(warehouse: Warehouse, table: str, parent: str | None) -> Iterator[Named]:
    others, behind = _others(warehouse, table), _behind(warehouse, table)
    query = _ROWS.format(PARENT=parent or "null", TABLE=table)
    for id_, name, created_at, parent_id, values in warehouse.fetch(query):
        ignored = {"id", "name", "created_at", "updated_at", "description", parent}
        kept = {column: value for column, value in values.items() if column not in ignored}
        tables = tuple(sorted(others.get(id_, ())))
        yield Named(
            id=id_,
            name=name,
            created_at=created_at,
            parent=parent_id,
            values=kept,
            behind=behind.get(id_, {}),
            others=tables,
        )


def _behind(warehouse: Warehouse, table: str) -> dict[UUID, dict[str, int]]:
    """Return the number of rows in each table that refer to a row, by its id."""
    found: dict[UUID, dict[str, int]] = {}
    for child, column in CHILDREN[table]:
        if child in warehouse.final_tables():
            for id_, count in warehouse.fetch(_COUNT.format(TABLE=child, COLUMN=column)):
                found.setdefault(id_, {})[child] = count
    return found


def _others(warehouse: Warehouse, table: str) -> dict[UUID, set[str]]:
    """Return the tables of others that refer to a row, by its id."""
    ours = {(warehouse.final_schema, name) for name in FINAL_TABLES}
    found: dict[UUID, set[str]] = {}
    for schema, name, column in warehouse.fetch(_REFERRING, [warehouse.full_name(table)]):
        if (schema, name) not in ours:
            quoted = [each.replace('"', '""') for each in (column, schema, name)]
            for (id_,) in warehouse.fetch(_REFERRED.format(*quoted)):
                found.setdefault(id_, set()).add(f"{schema}.{name}")
    return found


def _stored(warehouse: Warehouse, table: str, plan: Plan) -> Iterator[Stored]:
    has_loads = "loaded_at" in warehouse.columns(warehouse.final_schema, table)
    query = _SELECT[table].format(LOADED="loaded_at is not null" if has_loads else "false")
    types = plan.kept("report_types")
    for (
        id_,
        team,
        name,
        day,
        text,
        has_blob,
        is_loaded,
        created,
        updated,
        content,
    ) in warehouse.stream(query):
        reading = None
        if table == "daily_reports" and content is not None:
            reading = read_daily_report(name, day, content)
        elif table == "meeting_transcripts" and content is not None:
            reading = read_transcript(name, day, content)
        elif table == "generated_reports":
            name = str(types.get(UUID(name), name))  # noqa: PLW2901 - use the kept type
        yield Stored(
            id=id_,
            team=team,
            name=name,
            day=day,
            text=text,
            has_blob=has_blob,
            is_loaded=is_loaded,
            created_at=created,
            updated_at=updated,
            reading=reading,
        )
