"""Erasing a person or a file, from raw and final tables and the blob store."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from loader.blobs import BlobStore
from loader.database.locks import block_builds
from loader.database.warehouse import Warehouse, check_release
from loader.errors import WarehouseError
from loader.load.lock import only_writer
from loader.load.run import remove_run_folders
from loader.load.runs import remove_unfinished
from loader.maintenance import WITH_BLOBS
from loader.settings import Settings, Target
from loader.tables import FILE_TABLES, LINKS
from loader.workspace.kinds import Kind

_READINGS = ("raw.files", "raw.rejections")
_FINALS = (*FILE_TABLES, LINKS)
_ERASED = [*_READINGS, *(f"raw.{n}" for n in FILE_TABLES), *(f"public.{n}" for n in _FINALS)]

_DELETE = "delete from {table} where {where}"
_DELETE_WITH_BLOBS = _DELETE + " returning blob_url"
_SELECT_BLOBS = "select blob_url from {table} where {where}"
_IDS = "{column} in (select id from public.{kind} where {where})"
_OF_AUTHOR = "author_name = %s"
_OF_PATH = "source_path = %s"
_OF_BLOBS = "blob_url = any(%s)"
# Readings of a file that nobody else's day is from: of the whole file, or of its bytes then.
_OF_NOBODY_ELSE = """
    kind = 'daily_reports'
    and source_path = any(%s)
    and not exists (
        select 1
        from raw.daily_reports as days
        where
            days.blob_url = files.blob_url
            or (
                days.source_path = files.source_path
                and (files.blob_url is null or not files.blob_url = any(%s))
            )
    )
"""
_WITHOUT_READING = """
    kind = 'daily_reports'
    and source_path = any(%s)
    and not exists (
        select 1
        from raw.files
        where
            files.run_id = rejections.run_id
            and files.kind = rejections.kind
            and files.source_path = rejections.source_path
    )
"""
_PATHS_OF_AUTHOR = "select distinct source_path from raw.daily_reports where author_name = %s"
# Generated reports that were made of what goes.
_QUOTING = """
    select distinct reports.source_path
    from raw.generated_reports as reports
    inner join public.generated_reports as stored using (content_hash)
    inner join public.report_data_links as links on links.generated_report_id = stored.id
    where {ids}
"""
_TEXTS = [
    f"select source_path from raw.{kind} where strpos({table.text}, %s) > 0"
    for kind, table in FILE_TABLES.items()
    if table.text
]
_NAMING = " union ".join(
    [
        *_TEXTS,
        """
        select source_path
        from raw.files
        where strpos(translate(lower(source_path), '-_.', '   '), lower(%s)) > 0
        """,
    ]
)
# Loads that have what stands in for a row that goes: it is in another file as well.
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
    """What went.

    Args:
        rows: How many of each table, with its schema.
        blobs: Addresses of the blobs that went.
        kept_blobs: Addresses of those that stay: other rows need them, or another environment may.
        foreign_blobs: Addresses of those in another store, which its owner has to delete.
        naming: Files that hold something of it still, as far as can be told.
        is_to_build: Whether rows are to come back from other files at the next build.
    """

    rows: dict[str, int] = field(default_factory=dict)
    blobs: list[str] = field(default_factory=list)
    kept_blobs: list[str] = field(default_factory=list)
    foreign_blobs: list[str] = field(default_factory=list)
    naming: list[str] = field(default_factory=list)
    is_to_build: bool = False


@dataclass(frozen=True, slots=True)
class ForgetOptions:
    """How to erase.

    Args:
        store_of: Gives the store of a blob, by its URL.
        is_dry: Say what would go.
        with_blobs: Delete blobs in dev and staging, too, which share prod's store.
    """

    store_of: Callable[[str], BlobStore]
    is_dry: bool = False
    with_blobs: bool = False


def forget_author(settings: Settings, name: str, options: ForgetOptions) -> ForgetSummary:
    """Erase a person's daily reports from raw and final tables, with their files' blobs.

    Args:
        settings: Which database.
        name: The full name, as the tables have it.
        options: How.

    Raises:
        LockedError: A run is loading, or a build is under way.
        WarehouseError: There is no such person.
        BlobError: A blob could not be deleted; no row went, and the same command goes on.
    """
    with _erasing(settings, options) as eraser:
        paths = eraser.values("raw.daily_reports", _PATHS_OF_AUTHOR, [name])
        eraser.note_blobs("raw.files", "source_path = any(%s)", [paths])
        eraser.delete_final(Kind.DAILY_REPORTS, _OF_AUTHOR, [name])
        theirs = eraser.delete("raw.daily_reports", _OF_AUTHOR, [name])
        eraser.delete("raw.files", _OF_NOBODY_ELSE, [paths, theirs])
        eraser.delete("raw.rejections", _WITHOUT_READING, [paths])
        if not eraser.summary.rows:
            known = "select distinct author_name from raw.daily_reports"
            names = eraser.values("raw.daily_reports", known)
            near = ", ".join(get_close_matches(name, names)) or f"{len(names):,} others"
            raise WarehouseError(f"no daily report is by {name!r}. There are: {near}")
        eraser.note_naming(name)
    return eraser.summary


def forget_path(settings: Settings, path: str, options: ForgetOptions) -> ForgetSummary:
    """Erase a file's rows from raw and final tables, with its blobs.

    What another file has, too, comes back from there at the next build.

    Args:
        settings: Which database.
        path: Relative to the workspace, with `/`.
        options: How.

    Raises:
        LockedError: A run is loading, or a build is under way.
        WarehouseError: No such file was ever read.
        BlobError: A blob could not be deleted; no row went, and the same command goes on.
    """
    with _erasing(settings, options) as eraser:
        raw = [f"raw.{kind}" for kind in FILE_TABLES]
        for table in ("raw.files", *raw):
            eraser.note_blobs(table, _OF_PATH, [path])
        urls = sorted(eraser.urls)
        for kind in FILE_TABLES:
            eraser.delete_final(kind, _OF_BLOBS, [urls])
            eraser.apply_again(kind, path)
        for table in (*raw, *_READINGS):
            eraser.delete(table, _OF_PATH, [path])
        if not eraser.summary.rows:
            message = f"no file {path!r} was ever read. Paths are relative to the workspace."
            raise WarehouseError(message)
    return eraser.summary


@contextlib.contextmanager
def _erasing(settings: Settings, options: ForgetOptions) -> "Iterator[_Eraser]":
    """A transaction that erases rows. At its end go those blobs of theirs that no row needs."""
    with only_writer(settings, _ERASED) as warehouse:
        check_release(warehouse)
        if not options.is_dry:
            if "runs" in warehouse.tables("raw"):
                remove_unfinished(warehouse)
            remove_run_folders(settings)  # parts of runs that did not finish hold texts
        with warehouse.transaction(is_kept=not options.is_dry):
            block_builds(warehouse, _FINALS)
            eraser = _Eraser(warehouse)
            yield eraser
            urls = eraser.urls
            needed = _Eraser(warehouse)
            for table in ("raw.files", *WITH_BLOBS):
                needed.note_blobs(table, _OF_BLOBS, [sorted(urls)])
            # One store for all environments: prod may refer to what goes from dev.
            if settings.target in {Target.DEV, Target.STAGING} and not options.with_blobs:
                needed.urls |= urls
            eraser.summary.kept_blobs = sorted(urls & needed.urls)
            _delete_blobs(eraser.summary, sorted(urls - needed.urls), options)


def _delete_blobs(summary: ForgetSummary, urls: Sequence[str], options: ForgetOptions) -> None:
    by_store: dict[BlobStore, list[str]] = {}
    for url in urls:
        by_store.setdefault(options.store_of(url), []).append(url)
    for store, of_store in by_store.items():
        owned = [url for url in of_store if store.owns(url)]
        if not options.is_dry:
            store.delete(owned)
        summary.blobs += owned
        summary.foreign_blobs += sorted({*of_store}.difference(owned))


class _Eraser:
    """Deletes rows and keeps count of them, and of the blobs that they refer to.

    Tables and conditions are the constants of this module; values are parameters.
    """

    def __init__(self, warehouse: Warehouse) -> None:
        self.summary = ForgetSummary()
        self.urls: set[str] = set()
        self._warehouse = warehouse
        self._tables = {
            f"{schema}.{name}"
            for schema in ("raw", "public", "bookkeeping")
            for name in warehouse.tables(schema)
        }

    def values(self, table: str, query: str, params: Sequence[object] = ()) -> list[str]:
        """The first column of a query's rows, but for null; none where the table is not there."""
        if table not in self._tables:
            return []
        return [value for value, *_ in self._warehouse.fetch(query, params) if value is not None]

    def note_blobs(self, table: str, where: str, params: Sequence[object]) -> None:
        """Note which blobs the rows of a table refer to."""
        query = _SELECT_BLOBS.format(table=table, where=where)
        self.urls.update(self.values(table, query, params))

    def delete(self, table: str, where: str, params: Sequence[object]) -> list[str]:
        """Delete rows of a table, where it is there; the blobs that they referred to."""
        if table not in self._tables:
            return []
        if table in {"raw.files", *WITH_BLOBS}:
            query = _DELETE_WITH_BLOBS.format(table=table, where=where)
            urls = [url for (url,) in self._warehouse.fetch(query, params)]
            count = len(urls)
        else:
            urls = []
            count = self._warehouse.change(_DELETE.format(table=table, where=where), params)
        if count:
            self.summary.rows[table] = self.summary.rows.get(table, 0) + count
        found = sorted({url for url in urls if url})
        self.urls.update(found)
        return found

    def delete_final(self, kind: Kind, where: str, params: Sequence[object]) -> None:
        """Delete rows of a final table and the links to them; note which reports quote them."""
        link = FILE_TABLES[kind].link
        if link and f"public.{kind}" in self._tables:
            ids = _IDS.format(column=link, kind=kind, where=where)
            if kind is not Kind.GENERATED_REPORTS:
                quoting = _QUOTING.format(ids=ids)
                self._note(self.values("public.report_data_links", quoting, params))
            self.delete("public.report_data_links", ids, params)
        self.delete(f"public.{kind}", where, params)

    def note_naming(self, name: str) -> None:
        """Note which files name a person."""
        self._note(self.values("raw.files", _NAMING, [name] * _NAMING.count("%s")))

    def apply_again(self, kind: Kind, path: str) -> None:
        """Have the next build take in what other files have for a path's rows."""
        columns = ", ".join(FILE_TABLES[kind].same_in_files)
        if not columns or "bookkeeping.applied_loads" not in self._tables:
            return
        same = _STANDING_IN.format(table=kind, columns=columns)
        loads = self.values(f"raw.{kind}", same, [path])
        if loads and self._warehouse.change(_APPLY_AGAIN, [kind, loads]):
            self.summary.is_to_build = True

    def _note(self, paths: Sequence[str]) -> None:
        self.summary.naming = sorted({*self.summary.naming, *paths})
