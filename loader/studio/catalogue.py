"""The tables and views of the database, with their contracts, for the studio."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

from loader import tables as raw_rows
from loader.database.sessions import Session
from loader.errors import WarehouseError
from loader.reading import rows as final_rows
from loader.studio import layout
from loader.tables import FINAL_TABLES, object_names

_CATALOGUE = """
    select columns.table_schema, columns.table_name, columns.column_name, columns.data_type,
        tables.table_type = 'VIEW', columns.is_nullable = 'YES'
    from information_schema.columns as columns
    inner join information_schema.tables as tables
        on columns.table_schema = tables.table_schema
        and columns.table_name = tables.table_name
    where
        columns.table_schema = any(%s)
        and case
            when has_schema_privilege(columns.table_schema, 'usage')
            then has_table_privilege(
                '"' || columns.table_schema || '"."' || columns.table_name || '"', 'select'
            )
        end
    order by columns.table_schema, columns.table_name, columns.ordinal_position
"""
_RECORDED = "select schema_name, object_name from bookkeeping.objects"
_SEED_KEYS = {
    "seeds.seed_organizations": ("name",),
    "seeds.seed_teams": ("organization", "name"),
    "seeds.seed_team_aliases": ("alias",),
    "seeds.seed_people": ("full_name",),
    "seeds.seed_report_types": ("name",),
    "seeds.seed_report_type_patterns": ("pattern",),
}
# Keys of tables without a contract: they identify a row.
_KEYS = {
    **_SEED_KEYS,
    "raw.runs": ("run_id",),
    "raw._dlt_loads": ("load_id",),
    "raw._dlt_version": ("version_hash",),
    "bookkeeping.applied_loads": ("model", "load_id"),
    "bookkeeping.environment": ("name",),
    "bookkeeping.objects": ("schema_name", "object_name"),
    "bookkeeping.seed_ids": ("table_name", "key"),
    "bookkeeping.spellings": ("team_id", "spelling_key"),
    "bookkeeping.edits": ("edited_at", "table_name", "row_key"),
    "bookkeeping.alembic_version": ("version_num",),
    "reporting.report_sources": ("generated_report_id", "source_kind", "source_id"),
    "reporting.team_week": ("team_id", "week_start"),
    "reporting.person_week": ("person_id", "team_id", "week_start"),
    "reporting.meeting": ("meeting_transcript_id",),
    "reporting.missing_days": ("team_id", "person", "missing_date"),
    "reporting.weekly_activity": ("team_id", "week_start"),
    "reporting.reports_without_type": ("source_path", "content_hash"),
}
_UNORDERED = ("json", "jsonb", "array", "map", "struct", "user-defined")
_GROUPS = {
    "content": "What the texts say",
    "reporting": "Views",
    "seeds": "Seeds",
    "raw": "Raw",
    "bookkeeping": "Bookkeeping",
}
_FINALS: dict[str, type[final_rows.Row]] = {
    kind.TABLE: kind
    for kind in vars(final_rows).values()
    if isinstance(kind, type) and hasattr(kind, "TABLE")
}
# The effect of the next load or build on an edit.
_WARNINGS = {
    "seeds": "The next dbt seed or dbt build writes the seed file over it: edit that, too.",
    "organizations": "The next dbt build takes name and description from the seed.",
    "teams": "The next dbt build takes name and description from the seed.",
    "report_types": "The next dbt build takes name and description from the seed.",
    "daily_reports": "A later load of this day, with another text, writes over it.",
    "meeting_transcripts": "A later load of this file, with another text, writes over it.",
    "jira_snapshots": "No later load changes this row.",
    "slack_captures": "No later load changes this row.",
    "generated_reports": "A later load gives it days only if it has none.",
    "report_data_links": "The next dbt build adds links that are missing; it changes none.",
}


@dataclass(frozen=True, slots=True)
class ColumnView:
    """A column.

    Args:
        type: The type, as named by the database.
        description: The description in the contract, or empty.
        references: The table that its id refers to.
        is_copied: Whether the id is a copy of the one in the row's parent, without a foreign key.
        is_nullable: Whether it may be null.
    """

    name: str
    type: str
    description: str = ""
    references: str | None = None
    is_copied: bool = False
    is_nullable: bool = True

    @property
    def is_sortable(self) -> bool:
        """Whether rows can be sorted by it."""
        kind = self.type.casefold()
        is_ordered = not kind.startswith(_UNORDERED) and not kind.endswith("[]")
        return is_ordered and not layout.is_long(self.name)


@dataclass(frozen=True, slots=True)
class TableView:
    """A table or view.

    Args:
        name: The name with its schema.
        known_name: The name in contracts: without a schema for a final table.
        columns: The columns in order.
        is_view: Whether it is a view.
        description: The description in the contract, or empty.
        key: The columns that identify a row; empty if unknown.
    """

    name: str
    known_name: str
    columns: Mapping[str, ColumnView]
    is_view: bool
    description: str
    key: tuple[str, ...]

    @property
    def is_editable(self) -> bool:
        """Whether an edit survives the next build, as in final tables and seeds."""
        is_kept = self.known_name in FINAL_TABLES or self.name.startswith("seeds.")
        return bool(self.key) and not self.is_view and is_kept

    @property
    def group(self) -> str:
        """The group of tables that lists it."""
        return _GROUPS.get(self.name.partition(".")[0], "Final tables")

    @property
    def short_name(self) -> str:
        """The name without the schema, which the group shows."""
        return self.name.partition(".")[2]

    @property
    def summary(self) -> str:
        """The first and the last sentence of the description; the last one is the grain."""
        sentences = self.description.split(". ")
        return ". ".join(dict.fromkeys((sentences[0], sentences[-1])))

    @property
    def references(self) -> list[str]:
        """The columns with ids of other rows."""
        return [column.name for column in self.columns.values() if column.references]

    @property
    def default_order(self) -> tuple[tuple[str, bool], ...]:
        """The columns of the default order, each with whether it is descending."""
        nullable = {column.name: column.is_nullable for column in self.columns.values()}
        return layout.default_order(nullable, is_content=self.name.startswith("content."))

    @property
    def readable(self) -> list[ColumnView]:
        """The columns in a readable order."""
        return [self.columns[name] for name in layout.ordered([*self.columns], self.references)]

    @property
    def listed(self) -> list[ColumnView]:
        """The columns that a list of rows shows by default."""
        own = self.references
        shown = [each for each in self.readable if not layout.is_aside(each.name, own)]
        return shown or self.readable

    @property
    def computed(self) -> frozenset[str]:
        """The columns that no user edits: keys, checksums and timestamps."""
        table = FINAL_TABLES.get(self.known_name)
        if not table:
            return frozenset()
        sums = (table.text_checksum, table.text_size, table.blob_checksum, table.blob_size)
        kept = ("id", "created_at", "updated_at", "loaded_at", *sums)
        return frozenset(name for name in kept if name and name in self.columns)

    @property
    def warning(self) -> str:
        """A warning if a later load or build would overwrite an edit."""
        return _WARNINGS.get(self.known_name) or _WARNINGS.get(self.name.partition(".")[0], "")

    def derived(self, changed: Mapping[str, str | None]) -> dict[str, str]:
        """Return the checksum and the size of an edited text, by column."""
        table = FINAL_TABLES.get(self.known_name)
        text = changed.get(table.text or "") if table else None
        if not table or text is None:
            return {}
        data = text.encode()
        values = (
            (table.text_checksum, hashlib.sha256(data).hexdigest()),
            (table.text_size, str(len(data))),
        )
        return {column: value for column, value in values if column}

    def column(self, name: str) -> ColumnView:
        """Return the column of this name.

        Raises:
            WarehouseError: The column does not exist.
        """
        if name not in self.columns:
            raise WarehouseError(f"{self.name!r} has no column {name!r}.")
        return self.columns[name]


def read_catalogue(session: Session, final_schema: str) -> dict[str, TableView]:
    """Return our tables and views by name, the final ones first.

    Args:
        session: Connects to the database, which others may use as well.
        final_schema: The schema of the final tables.
    """
    names = object_names(final_schema)
    schemas = [final_schema, "content", "reporting", "raw", "seeds", "bookkeeping"]
    found = session.fetch(_CATALOGUE, [schemas]).rows
    ours = {(schema, name) for schema in names for name in names[schema]}
    if any(row[:2] == ("bookkeeping", "objects") for row in found):
        ours = {(schema, name) for schema, name in session.fetch(_RECORDED).rows}
    columns: dict[str, dict[str, ColumnView]] = {}
    views = set()
    for schema, table, name, type_, is_view, is_nullable in found:
        if (schema, table) not in ours:
            continue
        full = f"{schema}.{table}"
        column = _column(full.removeprefix(f"{final_schema}."), name, type_, final_schema)
        is_null = is_nullable and name not in _KEYS.get(full, ())
        columns.setdefault(full, {})[name] = replace(column, is_nullable=is_null)
        if is_view:
            views.add(full)
    order = sorted(columns, key=lambda name: (schemas.index(name.partition(".")[0]), name))
    return {
        name: _table(
            name, name.removeprefix(f"{final_schema}."), columns[name], is_view=name in views
        )
        for name in order
    }


def _table(
    name: str, known_name: str, columns: Mapping[str, ColumnView], *, is_view: bool
) -> TableView:
    kind = _FINALS.get(known_name)
    raw = raw_rows.TABLES.get(name.removeprefix("raw.")) if name.startswith("raw.") else None
    described = kind or (raw.row if raw else None)
    description = " ".join((described.__doc__ or "").split()) if described else ""
    key = tuple(each for each in _KEYS.get(name, ()) if each in columns)
    if kind and not is_view:
        key = ("id",)
    elif raw:
        key = ("row_id",)
    return TableView(name, known_name, columns, is_view, description, key)


def _column(table: str, name: str, type_: str, final_schema: str) -> ColumnView:
    kind = _FINALS.get(table)
    if kind and name in kind.COLUMNS:
        contract = kind.COLUMNS[name]
        is_copied = name == "team_id" and table.startswith("content.") and not contract.references
        references = "teams" if is_copied else contract.references
        if references:
            own = f"content.{references}"  # as for people
            references = own if own in _FINALS else f"{final_schema}.{references}"
        return ColumnView(name, type_, contract.description, references, is_copied)
    raw = raw_rows.TABLES.get(table.removeprefix("raw.")) if table.startswith("raw.") else None
    if raw and name in raw.schema.names:
        metadata = raw.schema.field(name).metadata or {}
        return ColumnView(name, type_, metadata.get(b"description", b"").decode())
    return ColumnView(name, type_)
