"""Count or estimate the rows of tables, and find sort orders that an index supports."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from loader.database.sessions import Session
from loader.studio import sql
from loader.studio.catalogue import TableView

_COUNT = "select count(*) from {table} as stored"
# Statistics and table size in bytes: tables of a few megabytes are counted exactly.
_SIZES = """
    select nspname || '.' || relname, reltuples::bigint
    from pg_class
    inner join pg_namespace on relnamespace = pg_namespace.oid
    where
        nspname = any(%s)
        and relkind in ('r', 'p')
        and reltuples >= 0
        and pg_relation_size(pg_class.oid) > 16 * 1024 * 1024
"""
_INDEXES = """
    select array(
        select attname::text
        from unnest(indkey) with ordinality as keys (number, place)
        inner join pg_attribute on attrelid = indrelid and attnum = number
        order by place
    )
    from pg_index
    inner join pg_class on pg_class.oid = indexrelid
    inner join pg_am on pg_am.oid = relam
    where
        indrelid = to_regclass(%s) and amname = 'btree' and indisvalid
        and indpred is null and indexprs is null
"""


@dataclass(frozen=True, slots=True)
class Count:
    """A number of rows; estimated if counting takes long."""

    rows: int
    is_exact: bool = True


def counts(session: Session, tables: Sequence[TableView], *, is_postgres: bool) -> dict[str, Count]:
    """Return the number of rows of each table; large ones are estimated, views are left out."""
    stored = [table for table in tables if not table.is_view]
    found = {}
    if is_postgres:
        schemas = sorted({table.name.partition(".")[0] for table in stored})
        large = dict(session.fetch(_SIZES, [schemas]).rows)
        found = {t.name: Count(large[t.name], is_exact=False) for t in stored if t.name in large}
    rest = [table for table in stored if table.name not in found]
    queries = [f"({_COUNT.format(table=sql.rows_of(table))})" for table in rest]
    exact = session.fetch(f"select {', '.join(queries)}").rows[0] if rest else ()
    return found | {t.name: Count(n) for t, n in zip(rest, exact, strict=True)}


def indexes(session: Session, table: TableView) -> list[list[str]] | None:
    """Return the columns of each index of a large PostgreSQL table; None if it is not large."""
    schemas = [table.name.partition(".")[0]]
    if table.name not in dict(session.fetch(_SIZES, [schemas]).rows):
        return None
    found = session.fetch(_INDEXES, [sql.quoted_table(table.name)]).rows
    return [columns for (columns,) in found if columns]


def sortable(table: TableView, indexes: Sequence[Sequence[str]] | None) -> Iterator[str]:
    """Yield the sortable columns: for a large table, the first columns of its indexes."""
    for column in table.columns.values():
        has_index = indexes is None or any(index[0] == column.name for index in indexes)
        if column.is_sortable and has_index and not column.references:
            yield column.name
