"""The database's tables, as the studio shows and edits them.

Names of tables and columns are those of the catalogue, quoted; values are parameters.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from loader import tables as raw_rows
from loader.database.queries import FINISHED
from loader.errors import WarehouseError
from loader.reading import rows as final_rows
from loader.studio.connections import Answer, Connections, Session

_SCHEMAS = ("public", "reporting", "raw", "seeds", "bookkeeping")
_FINISHED_ROWS = f"(select * from {{}} where {FINISHED})"  # noqa: S608 - constants only
_LONGEST_CELL = 120  # characters
_TEXTS = ("text", "character varying", "varchar", "json", "jsonb")
OPERATORS = ("contains", "is", "is not", "at least", "at most", "is empty", "is not empty")

_CATALOGUE = """
    select columns.table_schema, columns.table_name, columns.column_name, columns.data_type,
        tables.table_type = 'VIEW'
    from information_schema.columns as columns
    inner join information_schema.tables as tables
        on columns.table_schema = tables.table_schema
        and columns.table_name = tables.table_name
    where
        columns.table_schema in ('public', 'reporting', 'raw', 'seeds', 'bookkeeping')
        and case
            when has_schema_privilege(columns.table_schema, 'usage')
            then has_table_privilege(
                '"' || columns.table_schema || '"."' || columns.table_name || '"', 'select'
            )
        end
    order by columns.table_schema, columns.table_name, columns.ordinal_position
"""
_CREATE_EDITS = """
    create table if not exists bookkeeping.edits (
        edited_at timestamp with time zone not null default current_timestamp,
        edited_by text,
        table_name text not null,
        row_key text not null,
        before text not null,
        after text not null
    )
"""
_LOG_EDIT = """
    insert into bookkeeping.edits (edited_by, table_name, row_key, before, after)
    values (%s, %s, %s, %s, %s)
"""
_SELECT = "select {columns} from {table} as stored{where}{order}"
_COUNT = "select count(*) from {table} as stored{where}"
_UPDATE = "update {table} set {changes} where {key} and {unchanged}"
_CHANGE = "{} = cast(%s as {})"
_UNCHANGED = "{} is not distinct from cast(%s as {})"
_PAGE = " limit %s offset %s"
# PostgreSQL folds ASCII in a third of the time that all letters take; DuckDB folds all.
_CONTAINS = {
    True: 'strpos(lower(cast({} as text) collate "C"), lower(cast(%s as text) collate "C")) > 0',
    False: "strpos(lower(cast({} as text)), lower(%s)) > 0",
}
_CONDITIONS = {
    "is": "{} = cast(%s as {})",
    "is not": "{} is distinct from cast(%s as {})",
    "at least": "{} >= cast(%s as {})",
    "at most": "{} <= cast(%s as {})",
    "is empty": "{} is null",
    "is not empty": "{} is not null",
}
_SEED_KEYS = {
    "seeds.seed_organizations": ("name",),
    "seeds.seed_teams": ("organization", "name"),
    "seeds.seed_team_aliases": ("alias",),
    "seeds.seed_report_types": ("name",),
    "seeds.seed_report_type_patterns": ("pattern",),
}
_FINALS: dict[str, type[final_rows.Row]] = {
    kind.TABLE: kind
    for kind in vars(final_rows).values()
    if isinstance(kind, type) and hasattr(kind, "TABLE")
}
# What an edit of a table is worth when the next load or build comes.
_WARNINGS = {
    "seeds": "The next dbt seed or dbt build writes the seed file over it: edit that, too.",
    "public.organizations": "The next dbt build takes name and description from the seed.",
    "public.teams": "The next dbt build takes name and description from the seed.",
    "public.report_types": "The next dbt build takes name and description from the seed.",
    "public.daily_reports": "A later load of this day, with another text, writes over it.",
    "public.meeting_transcripts": "A later load of this file, with another text, writes over it.",
    "public.jira_snapshots": "No later load changes this row.",
    "public.slack_captures": "No later load changes this row.",
    "public.generated_reports": "A later load gives it days only if it has none.",
    "public.report_data_links": "The next dbt build adds links that are missing; it changes none.",
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Args:
        name: Its name.
        type: As the database names it.
        description: From the contract; empty where there is none.
        references: The table whose `id` it is.
    """

    name: str
    type: str
    description: str = ""
    references: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table or view.

    Args:
        name: With its schema.
        columns: In order.
        is_view: Whether it is a view.
        description: From the contract; empty where there is none.
        key: The columns that tell its rows apart; empty where that is not known.
    """

    name: str
    columns: Mapping[str, Column]
    is_view: bool
    description: str
    key: tuple[str, ...]

    @property
    def is_editable(self) -> bool:
        """Whether an edit is more than a lie until the next build: final tables and seeds."""
        return bool(self.key) and not self.is_view and self.name.startswith(("public.", "seeds."))

    @property
    def warning(self) -> str:
        """When an edit would be written over."""
        return _WARNINGS.get(self.name) or _WARNINGS.get(self.name.partition(".")[0], "")

    def column(self, name: str) -> Column:
        """The column of this name.

        Raises:
            WarehouseError: There is none.
        """
        if name not in self.columns:
            raise WarehouseError(f"{self.name} has no column {name!r}.")
        return self.columns[name]


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on a column; `operator` is one of OPERATORS."""

    column: str
    operator: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """Which rows of a table, and in which order.

    Args:
        search: Words that a text of the row has; empty for all.
        filters: Conditions that it meets, all of them.
        sort: A column; None for the key.
        is_descending: From the end.
    """

    search: str = ""
    filters: tuple[Filter, ...] = ()
    sort: str | None = None
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a view, long texts cut, and how many there are."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    keys: list[tuple[Any, ...]]
    total: int


@dataclass(frozen=True, slots=True)
class Children:
    """Rows that refer to one: how many of which table, by which column."""

    table: str
    column: str
    count: int


@dataclass(frozen=True, slots=True)
class Tables:
    """What the studio knows of a database.

    Args:
        connections: To it.
        editor: Who edits.
    """

    connections: Connections
    editor: str | None = None

    def all(self) -> dict[str, Table]:
        """The tables and views, by name; the final ones first."""
        with self.connections.reading() as session:
            found = session.fetch(_CATALOGUE).rows
        columns: dict[str, dict[str, Column]] = {}
        views = set()
        for schema, table, name, type_, is_view in found:
            full = f"{schema}.{table}"
            columns.setdefault(full, {})[name] = _column(full, name, type_)
            if is_view:
                views.add(full)
        order = sorted(columns, key=lambda name: (_SCHEMAS.index(name.partition(".")[0]), name))
        return {name: _table(name, columns[name], is_view=name in views) for name in order}

    def counts(self, tables: Sequence[Table]) -> dict[str, int]:
        """How many rows each table has; of views, that would take long."""
        with self.connections.reading() as session:
            return {
                table.name: session.fetch(_COUNT.format(table=_rows_of(table), where="")).rows[0][0]
                for table in tables
                if not table.is_view
            }

    def page(self, table: Table, view: View, number: int, size: int) -> Page:
        """Some rows of a view.

        Args:
            table: Of which table.
            view: Which rows.
            number: Of the page, from 0.
            size: How many rows a page has.

        Raises:
            WarehouseError: A filter's value is not of the column's type, or the database says no.
        """
        where, params = self._where(table, view)
        shown = [_cut(column) for column in table.columns.values()]
        keys = [_name(name) for name in table.key]
        # A condition is looked for once, with the count beside; without one, counting is quick.
        counted = ["count(*) over ()"] if where else []
        query = _SELECT.format(
            columns=", ".join([*shown, *keys, *counted]),
            table=_rows_of(table),
            where=where,
            order=_order(table, view),
        )
        with self.connections.reading() as session:
            found = session.fetch(query + _PAGE, [*params, size, number * size]).rows
            if where:
                total = found[0][-1] if found else 0
            else:
                count = _COUNT.format(table=_rows_of(table), where="")
                total = session.fetch(count).rows[0][0]
        first, last = len(shown), len(shown) + len(keys)
        rows, keys_of = ([row[a:b] for row in found] for a, b in ((0, first), (first, last)))
        return Page(tuple(table.columns), rows, keys_of, total)

    def export(self, table: Table, view: View, most: int) -> Answer:
        """The rows of a view, whole."""
        where, params = self._where(table, view)
        query = _SELECT.format(
            columns=", ".join(map(_name, table.columns)),
            table=_rows_of(table),
            where=where,
            order=_order(table, view),
        )
        with self.connections.reading() as session:
            found = session.fetch(query + _PAGE, [*params, most + 1, 0])
        return Answer(found.columns, found.rows[:most], len(found.rows) > most)

    def row(self, table: Table, key: Sequence[object]) -> dict[str, Any] | None:
        """A row, whole; None where it is not there any more."""
        with self.connections.reading() as session:
            return self._row(session, table, key)

    def children(self, table: Table, id_: object, tables: Mapping[str, Table]) -> list[Children]:
        """What refers to a row, by its id."""
        found = []
        with self.connections.reading() as session:
            for other in tables.values():
                for column in other.columns.values():
                    if column.references != table.name or other.is_view:
                        continue
                    where = f" where {_name(column.name)} = %s"
                    query = _COUNT.format(table=_quoted(other.name), where=where)
                    count = session.fetch(query, [id_]).rows[0][0]
                    found.append(Children(other.name, column.name, count))
        return found

    def edit(
        self,
        table: Table,
        key: Sequence[object],
        before: Mapping[str, Any],
        after: Mapping[str, str | None],
    ) -> dict[str, Any]:
        """Change columns of a row, and log it.

        Args:
            table: Of which table.
            key: Of the row.
            before: The row as it was shown: it must be so still.
            after: New values of the columns that change, as text.

        Returns:
            The row as it is now.

        Raises:
            WarehouseError: The table is not to be edited, the row has changed meanwhile, or a
                constraint is violated; nothing is changed.
        """
        if not table.is_editable:
            raise WarehouseError(f"{table.name} is not to be edited: the loader and dbt write it.")
        if not after:
            raise WarehouseError("nothing is changed.")
        names = [table.column(name) for name in after]
        changes = ", ".join(map(_CHANGE.format, map(_name_of, names), (c.type for c in names)))
        if "updated_at" in table.columns and "updated_at" not in after:
            changes += ", updated_at = current_timestamp"
        same = " and ".join(map(_UNCHANGED.format, map(_name_of, names), (c.type for c in names)))
        where = " and ".join(f"{_name(name)} = %s" for name in table.key)
        statement = _UPDATE.format(
            table=_quoted(table.name), changes=changes, key=where, unchanged=same
        )
        olds = [_as_text(before[c.name]) for c in names]
        with self.connections.writing() as session:
            if not self.connections.is_postgres:
                _check_references(session, names, after)
            changed = session.execute(statement, [*after.values(), *key, *olds])
            if changed != 1:
                message = "the row has changed since it was shown, or is gone. Look at it again."
                raise WarehouseError(message)
            key = [after.get(name, value) for name, value in zip(table.key, key, strict=True)]
            now = self._row(session, table, key)
            session.execute(_CREATE_EDITS)
            log = ({name: _as_text(before[name]) for name in after}, dict(after))
            texts = [json.dumps(each, ensure_ascii=False) for each in log]
            words = ", ".join(map(str, key))
            session.execute(_LOG_EDIT, [self.editor, table.name, words, *texts])
        return now or {}

    def _where(self, table: Table, view: View) -> tuple[str, list[object]]:
        contains = _CONTAINS[self.connections.is_postgres]
        conditions: list[str] = []
        params: list[object] = []
        if view.search:
            texts = [_name(c.name) for c in table.columns.values() if c.type.casefold() in _TEXTS]
            conditions.append(f"({' or '.join(map(contains.format, texts)) or 'false'})")
            params += [view.search] * len(texts)
        for each in view.filters:
            column = table.column(each.column)
            condition = _CONDITIONS.get(each.operator, contains)
            conditions.append(condition.format(_name(column.name), column.type))
            if "%s" in condition:
                params.append(each.value)
        return (f" where {' and '.join(conditions)}" if conditions else ""), params

    def _row(self, session: Session, table: Table, key: Sequence[object]) -> dict[str, Any] | None:
        columns = ", ".join(map(_name, table.columns))
        where = " where " + " and ".join(f"{_name(name)} = %s" for name in table.key)
        query = _SELECT.format(columns=columns, table=_rows_of(table), where=where, order="")
        found = session.fetch(query, key)
        return dict(zip(found.columns, found.rows[0], strict=True)) if found.rows else None


def _table(name: str, columns: Mapping[str, Column], *, is_view: bool) -> Table:
    kind = _FINALS.get(name)
    raw = raw_rows.TABLES.get(name.removeprefix("raw.")) if name.startswith("raw.") else None
    description = kind.DESCRIPTION if kind else raw.description if raw else ""
    key: tuple[str, ...] = _SEED_KEYS.get(name, ())
    if kind and not is_view:
        key = ("id",)
    elif raw:
        key = ("row_id",)
    return Table(name, columns, is_view, description, key)


def _column(table: str, name: str, type_: str) -> Column:
    kind = _FINALS.get(table)
    if kind and name in kind.COLUMNS:
        contract = kind.COLUMNS[name]
        return Column(name, type_, contract.description, contract.references)
    raw = raw_rows.TABLES.get(table.removeprefix("raw.")) if table.startswith("raw.") else None
    if raw and name in raw.schema.names:
        metadata = raw.schema.field(name).metadata or {}
        return Column(name, type_, metadata.get(b"description", b"").decode())
    return Column(name, type_)


def _order(table: Table, view: View) -> str:
    names = [table.column(view.sort).name] if view.sort else []
    parts = [
        f"{_name(name)} {'desc' if view.is_descending else 'asc'} nulls last" for name in names
    ]
    # The key makes the pages of equal values disjoint, and is an index where nothing else is asked.
    parts += [f"stored.{_name(name)}" for name in table.key if name not in names]
    return f" order by {', '.join(parts)}" if parts else ""


def _cut(column: Column) -> str:
    """A column for a list: a long text by its beginning."""
    name = _name(column.name)
    if column.type.casefold() not in _TEXTS:
        return name
    return f"left(cast({name} as text), {_LONGEST_CELL}) as {name}"


def _check_references(
    session: Session, columns: Sequence[Column], after: Mapping[str, str | None]
) -> None:
    """What PostgreSQL's foreign keys see to, for DuckDB, whose tables have none."""
    for column in columns:
        value = after[column.name]
        if column.references is None or value is None:
            continue
        query = _COUNT.format(
            table=_quoted(column.references), where=" where id = cast(%s as uuid)"
        )
        if not session.fetch(query, [value]).rows[0][0]:
            message = f"violates the foreign key of {column.name}: no row of {column.references}"
            raise WarehouseError(f"{message} has the id {value}.")


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _name_of(column: Column) -> str:
    return _name(column.name)


def _rows_of(table: Table) -> str:
    """What to read a table's rows from: of a raw table, those of finished runs."""
    quoted = _quoted(table.name)
    if "_dlt_load_id" not in table.columns:
        return quoted
    return _FINISHED_ROWS.format(quoted)


def _quoted(table: str) -> str:
    schema, _, name = table.partition(".")
    return f"{_name(schema)}.{_name(name)}"


def _as_text(value: object) -> str | None:
    """A value as the database reads it again."""
    if value is None:
        return None
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
