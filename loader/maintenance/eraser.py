"""Delete rows; count them and the blobs that they refer to."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from loader.database import objects
from loader.database.warehouse import Warehouse
from loader.maintenance import WITH_BLOBS
from loader.maintenance.contents import delete_contents
from loader.tables import FILE_TABLES, FINAL_TABLES, LINKS, object_names
from loader.workspace.kinds import Kind

NEEDED_HERE = "other rows need it"
EDITS = "bookkeeping.edits"
REFERRING = ("raw.files", *WITH_BLOBS)
_DELETE = "delete from {table} where {where}"
_DELETE_WITH_BLOBS = _DELETE + " returning blob_url"
_UPDATE = "update {table} set {change} where {where}"
_SELECT_BLOBS = "select blob_url from {table} where {where}"
_IDS = "{column} in (select id from {kind} where {where})"
# Generated reports that were made from the deleted rows.
_QUOTING = """
    select distinct reports.source_path
    from raw.generated_reports as reports
    inner join generated_reports as stored using (content_hash)
    inner join report_data_links as links on links.generated_report_id = stored.id
    where {ids}
"""
_QUOTED_IN = {f"raw.{Kind.GENERATED_REPORTS}", Kind.GENERATED_REPORTS.value}
_OF_NO_ROW = """
    table_name = %s
    and not exists (select 1 from {table} as stored where cast(stored.id as text) = row_key)
"""
# Loads whose files also contain a deleted row.
_STANDING_IN = """
    select distinct others._dlt_load_id
    from raw.{table} as others
    inner join raw.{table} as gone using ({columns})
    where gone.source_path = %s and others.source_path <> gone.source_path
"""
_APPLY_AGAIN = """
    update bookkeeping.applied_loads
    set applied_at = null
    where model in (%s, 'report_data_links') and load_id = any(%s) and applied_at is not null
"""


@dataclass(slots=True)
class ForgetSummary:
    """The rows and blobs that `forget` erased, and those that remain.

    Args:
        names: The erased names: the person's, and their aliases.
        rows: The number of deleted rows, by table with its schema.
        blanked: The number of rows that remain without the person's name, likewise by table.
        blobs: URLs of the deleted blobs.
        kept_blobs: URLs of the blobs that remain.
        kept_because: The reason why each of them remains, by URL.
        foreign_blobs: URLs of blobs in another store, which the store's owner has to delete.
        naming: Files that still mention the person, as far as a program can tell.
        naming_rows: Rows of the replaced system that still do; they have no path.
        naming_tables: Tables without files that still name the person.
        also_known: Other names that may belong to the same person.
        unclear: Days of the replaced system that may be the person's, or are also others'.
        unclear_rows: Rows of the replaced system that may come from the file, each with the reason.
        is_to_build: Whether the next build restores rows from other files.
    """

    names: list[str] = field(default_factory=list)
    rows: dict[str, int] = field(default_factory=dict)
    blanked: dict[str, int] = field(default_factory=dict)
    blobs: list[str] = field(default_factory=list)
    kept_blobs: list[str] = field(default_factory=list)
    kept_because: dict[str, str] = field(default_factory=dict)
    foreign_blobs: list[str] = field(default_factory=list)
    naming: list[str] = field(default_factory=list)
    naming_rows: list[str] = field(default_factory=list)
    naming_tables: list[str] = field(default_factory=list)
    also_known: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)
    unclear_rows: list[str] = field(default_factory=list)
    is_to_build: bool = False


def own_tables(warehouse: Warehouse) -> set[str]:
    """Return our existing tables, with their schemas; final tables without."""
    names = object_names(warehouse.final_schema)
    del names["reporting"]  # views store no rows
    there = {(schema, name) for schema in names for name in warehouse.tables(schema)}
    known = {(schema, name) for schema in names for name in names[schema]}
    ours = objects.read(warehouse).ours & there & known
    final = warehouse.final_schema
    return {name if schema == final else f"{schema}.{name}" for schema, name in ours}


def referenced(warehouse: Warehouse, urls: Iterable[str]) -> set[str]:
    """Return those of the given blobs that any row of the database refers to."""
    found: set[str] = set()
    for table in REFERRING:
        if "blob_url" in warehouse.columns(*warehouse.full_name(table).split(".")):
            query = _SELECT_BLOBS.format(table=table, where="blob_url = any(%s)")
            found.update(url for (url,) in warehouse.fetch(query, [sorted(urls)]))
    return found


class Eraser:
    """Deletes rows of our tables, and counts them and their blobs.

    Tables and conditions are constants of this package. Values are passed as parameters.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self.summary = ForgetSummary()
        self.urls: set[str] = set()
        self.tables = own_tables(warehouse)
        self._warehouse = warehouse
        self._naming: set[str] = set()

    @property
    def not_ours(self) -> str:
        """A note about tables of others that have our names, which are not searched."""
        foreign = [f"{schema}.{name}" for schema, name in objects.read(self._warehouse).foreign]
        adopt = f"python -m loader schema adopt --target {self._warehouse.settings.target}"
        said = (
            f"\nNot searched, because this project did not create them: {', '.join(foreign)}."
            f" To include them, adopt them once: {adopt}"
        )
        return said if foreign else ""

    def full_name(self, table: str) -> str:
        """Return the name of a table with its schema."""
        return self._warehouse.full_name(table)

    @property
    def changed(self) -> list[str]:
        """The tables that lost rows or values."""
        return sorted({*self.summary.rows, *self.summary.blanked})

    def values(self, table: str, query: str, params: Sequence[object] = ()) -> list[str]:
        """Return the first column of a query without nulls; nothing if the table does not exist."""
        if table not in self.tables:
            return []
        return [value for value, *_ in self._warehouse.fetch(query, params) if value is not None]

    def stream(self, table: str, query: str) -> Iterator[tuple[str, ...]]:
        """Yield the rows of a query; none if the table does not exist. Call before any deletion."""
        if table in self.tables:
            with closing(self._warehouse.stream(query)) as rows:
                yield from rows

    def has_column(self, table: str, column: str) -> bool:
        """Return whether a table of ours has a column: tables of earlier releases have fewer."""
        return table in self.tables and column in self._warehouse.columns(
            *self.full_name(table).split(".")
        )

    def note_blobs(self, table: str, where: str, params: Sequence[object]) -> None:
        """Record the blobs that the rows of a table refer to."""
        query = _SELECT_BLOBS.format(table=table, where=where)
        self.urls.update(self.values(table, query, params))

    def delete(self, table: str, where: str, params: Sequence[object]) -> list[str]:
        """Delete rows of a table, if it exists. Return the blobs that they referred to."""
        if table not in self.tables:
            return []
        if table in REFERRING:
            query = _DELETE_WITH_BLOBS.format(table=table, where=where)
            urls = [url for (url,) in self._warehouse.fetch(query, params)]
            count = len(urls)
        else:
            urls = []
            count = self._warehouse.change(_DELETE.format(table=table, where=where), params)
        if count:
            name = self.full_name(table)
            self.summary.rows[name] = self.summary.rows.get(name, 0) + count
        found = sorted({url for url in urls if url})
        self.urls.update(found)
        return found

    def blank(self, table: str, change: str, where: str, params: Sequence[object]) -> None:
        """Change rows of a table, if it exists, so that they no longer name the person."""
        if table not in self.tables:
            return
        statement = _UPDATE.format(table=table, change=change, where=where)
        if count := self._warehouse.change(statement, params):
            name = self.full_name(table)
            self.summary.blanked[name] = self.summary.blanked.get(name, 0) + count

    def delete_final(self, kind: Kind, where: str, params: Sequence[object]) -> None:
        """Delete rows of a final table and the links to them. Record which reports quote them."""
        link = FILE_TABLES[kind].link
        if link and kind.value in self.tables:
            ids = _IDS.format(column=link, kind=kind, where=where)
            if kind is not Kind.GENERATED_REPORTS and self.tables >= _QUOTED_IN:
                quoting = _QUOTING.format(ids=ids)
                self.note_naming(self.values(LINKS, quoting, params))
            self.delete(LINKS, ids, params)
        if kind.value in self.tables:
            delete_contents(self, kind, where, params)
        self.delete(kind.value, where, params)

    def delete_edits_of_no_row(self) -> None:
        """Delete the studio's records of deleted rows: they hold whole texts, old and new."""
        for table in sorted(self.tables):
            if table in FINAL_TABLES:
                name = self.full_name(table)
                self.delete(EDITS, _OF_NO_ROW.format(table=table), [name])

    def apply_again(self, kind: Kind, path: str) -> None:
        """Make the next build load a path's rows from the other files that have them."""
        columns = ", ".join(FILE_TABLES[kind].same_in_files)
        if not columns or "bookkeeping.applied_loads" not in self.tables:
            return
        same = _STANDING_IN.format(table=kind, columns=columns)
        loads = self.values(f"raw.{kind}", same, [path])
        if loads and self._warehouse.change(_APPLY_AGAIN, [kind, loads]):
            self.summary.is_to_build = True

    def note_naming(self, paths: Iterable[str]) -> None:
        """Record files that still mention the person or file."""
        self._naming.update(paths)

    def conclude(self) -> None:
        """Add the recorded files that the database still knows to the summary."""
        known: set[str] = set()
        paths = sorted(self._naming)
        for name in ("files", *FILE_TABLES):
            query = f"select distinct source_path from raw.{name} where source_path = any(%s)"
            known.update(self.values(f"raw.{name}", query, [paths]))
        self.summary.naming = sorted(known)
