"""Taking things out of a database again: all of it, a person or a file, old versions."""

import contextlib
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from loader import rows
from loader.blobs import BlobStore
from loader.blobs.local import SCHEME
from loader.errors import LockedError, WarehouseError
from loader.pipeline import has_pending_work, only_writer
from loader.settings import Settings
from loader.warehouse import FINISHED, Warehouse

_FINALS = (  # children first
    *("report_data_links", "generated_reports", "slack_captures", "jira_snapshots"),
    *("meeting_transcripts", "daily_reports", "report_types", "teams", "organizations"),
)
_MADE = {
    "reporting": ("report_sources", "team_week", "reports_without_type"),
    "bookkeeping": ("applied_loads", "environment", "alembic_version", "edits"),
    "seeds": (
        *("seed_organizations", "seed_teams", "seed_team_aliases", "seed_report_types"),
        "seed_report_type_patterns",
    ),
    "raw": (*rows.TABLES, "_dlt_loads", "_dlt_version", "_dlt_pipeline_state"),
}
_LINKED = {
    "daily_reports": "daily_report_id",
    "meeting_transcripts": "meeting_transcript_id",
    "jira_snapshots": "jira_snapshot_id",
    "slack_captures": "slack_capture_id",
    "generated_reports": "generated_report_id",
}

_RAW = [f"raw.{name}" for name in _LINKED]
_QUOTING = """
    select distinct reports.source_path
    from raw.generated_reports as reports
    inner join public.generated_reports as stored using (content_hash)
    inner join public.report_data_links as links on links.generated_report_id = stored.id
    where {linked}
"""
_PATHS_OF_ONE_AUTHOR = """
    select source_path
    from raw.daily_reports
    group by source_path
    having bool_and(author_name = %s)
"""
_APPLIED = """
    _dlt_load_id in (
        select load_id
        from bookkeeping.applied_loads
        where applied_at is not null
        group by load_id
        having count(*) = (select count(distinct model) from bookkeeping.applied_loads)
    )
"""
# What a version is one of, and which is the latest: as the next run and the models look for it.
_VERSIONS = {
    "raw.daily_reports": (
        "team, source_path, author_name, report_date",
        "loaded_at desc, line_number desc",
    ),
    "raw.meeting_transcripts": ("team, source_path", "loaded_at desc"),
    "raw.files": ("kind, source_path", "loaded_at desc"),
}
_OLD = f"""
    row_id in (
        select row_id
        from
            (
                select
                    row_id,
                    row_number() over (
                        partition by {{version}} order by {{order}}
                    ) as age
                from
                    (
                        select distinct row_id, {{version}}, {{columns}}
                        from {{table}}
                        where {FINISHED}
                    ) as finished
            ) as aged
        where age > {{keep}}
    )
    and {_APPLIED}
"""  # noqa: S608 - constants only

_REFERENCED = " union ".join(
    map("select blob_url from public.{} where blob_url is not null".format, _LINKED)
)
_UNREFERENCED = f" and (blob_url is null or blob_url not in ({_REFERENCED}))"
_WITHOUT_READING = f"""
    not exists (
        select 1
        from raw.files
        where
            files.run_id = rejections.run_id
            and files.kind = rejections.kind
            and files.source_path = rejections.source_path
    )
    and {_APPLIED}
"""  # noqa: S608 - constants only


@dataclass(slots=True)
class Erased:
    """What went.

    Args:
        rows: How many of each table, with its schema.
        blobs: Addresses of the blobs that went.
        kept_blobs: Addresses of those that other rows need.
        quoting: Generated reports that were made of what went, and hold it still.
    """

    rows: dict[str, int] = field(default_factory=dict)
    blobs: list[str] = field(default_factory=list)
    kept_blobs: list[str] = field(default_factory=list)
    quoting: list[str] = field(default_factory=list)


def drop(settings: Settings) -> list[str]:
    """Remove what this project made in the target's database; blobs stay.

    Returns:
        What is left, of others, in the schemas that this project made.

    Raises:
        LockedError: A run is loading.
        WarehouseError: The database is another environment's, or something depends on a table.
    """
    with only_writer(settings) as warehouse:
        left = _drop_all(warehouse)
        warehouse.release()
        if not warehouse.is_postgres and not left:
            settings.duckdb_path.unlink(missing_ok=True)
    shutil.rmtree(settings.working_dir / settings.pipeline_name, ignore_errors=True)
    return left


def _drop_all(warehouse: Warehouse) -> list[str]:
    left = []
    with warehouse.transaction():
        for schema, made in {"reporting": _MADE["reporting"], "public": _FINALS, **_MADE}.items():
            there = warehouse.tables(schema)
            kind = "view" if schema == "reporting" else "table"
            for name in made:
                if name in there:
                    warehouse.execute(f'drop {kind} {schema}."{name}"')
            others = sorted(there - set(made))
            if schema == "public":
                continue
            if others:
                left += [f"{schema}.{name}" for name in others]
            elif schema in warehouse.schemas():
                warehouse.execute(f"drop schema {schema}")
    return left


def forget_author(
    settings: Settings, stores: Callable[[bool], BlobStore], name: str, *, is_dry: bool
) -> Erased:
    """Erase a person's daily reports from raw and final tables, with their files' blobs.

    Args:
        settings: Which database.
        stores: Gives the local store (True) or Vercel's.
        name: The full name, as the tables have it.
        is_dry: Say what would go.

    Raises:
        LockedError: A run is loading, or its work is pending.
        WarehouseError: There is no such person.
        BlobError: A blob could not be deleted; no row went, and the same command goes on.
    """
    with _erasing(settings, stores, is_dry=is_dry) as eraser:
        paths = eraser.values(_PATHS_OF_ONE_AUTHOR, [name])
        is_theirs, of_their_files = "author_name = %s", "source_path = any(%s)"
        eraser.note_blobs(("raw.daily_reports", "public.daily_reports"), is_theirs, [name])
        eraser.note_blobs(("raw.files",), of_their_files, [paths])
        eraser.delete_final("daily_reports", is_theirs, [name])
        eraser.delete("raw.daily_reports", is_theirs, [name])
        for table in ("raw.files", "raw.rejections"):
            eraser.delete(table, f"kind = 'daily_reports' and {of_their_files}", [paths])
        if not eraser.erased.rows:
            known = eraser.values("select distinct author_name from raw.daily_reports", [])
            near = ", ".join(get_close_matches(name, known)) or f"{len(known):,} others"
            raise WarehouseError(f"no daily report is by {name!r}. There are: {near}")
    return eraser.erased


def forget_path(
    settings: Settings, stores: Callable[[bool], BlobStore], path: str, *, is_dry: bool
) -> Erased:
    """Erase a file's rows from raw and final tables, with its blobs.

    Args:
        settings: Which database.
        stores: Gives the local store (True) or Vercel's.
        path: Relative to the workspace, with `/`.
        is_dry: Say what would go.

    Raises:
        LockedError: A run is loading, or its work is pending.
        WarehouseError: No such file was ever read.
        BlobError: A blob could not be deleted; no row went, and the same command goes on.
    """
    with _erasing(settings, stores, is_dry=is_dry) as eraser:
        is_its = "source_path = %s"
        eraser.note_blobs(("raw.files", *_RAW), is_its, [path])
        for name in _LINKED:
            eraser.delete_final(name, "blob_url = any(%s)", [sorted(eraser.urls)])
        for table in (*_RAW, "raw.files", "raw.rejections"):
            eraser.delete(table, is_its, [path])
        if not eraser.erased.rows:
            message = f"no file {path!r} was ever read. Paths are relative to the workspace."
            raise WarehouseError(message)
    return eraser.erased


def prune(settings: Settings, keep: int) -> dict[str, int]:
    """Remove old versions from raw that every final table has taken in.

    What the next run compares with, and what a final row refers to, stays; no final row changes.

    Args:
        settings: Which database.
        keep: How many versions of each day, transcript and reading of a file stay, 1 or more.

    Returns:
        How many rows went, by table.

    Raises:
        LockedError: A run is loading.
        WarehouseError: No build has taken anything in yet.
    """
    with only_writer(settings) as warehouse, warehouse.transaction():
        if "applied_loads" not in warehouse.tables("bookkeeping"):
            message = f"nothing is built yet. First: dbt build --target {settings.target}"
            raise WarehouseError(message)
        eraser = _Eraser(warehouse)
        for table, (version, order) in _VERSIONS.items():
            columns = order.replace(" desc", "")
            old = _OLD.format(table=table, version=version, order=order, columns=columns, keep=keep)
            eraser.delete(table, old + (_UNREFERENCED if table == "raw.files" else ""), [])
        eraser.delete("raw.rejections", _WITHOUT_READING, [])
    return eraser.erased.rows


@contextlib.contextmanager
def _erasing(
    settings: Settings, stores: Callable[[bool], BlobStore], *, is_dry: bool
) -> "Iterator[_Eraser]":
    """A transaction that erases rows. At its end go those blobs of theirs that no row needs."""
    with only_writer(settings) as warehouse:
        if has_pending_work(settings):
            message = "an earlier run left work that is not loaded. First: python -m loader run"
            raise LockedError(message)
        if "files" not in warehouse.tables("raw"):
            raise WarehouseError("nothing is loaded, so there is nothing to forget.")
        eraser = _Eraser(warehouse)
        with warehouse.transaction(is_kept=not is_dry):
            yield eraser
            urls = eraser.urls
            rest = _Eraser(warehouse)
            tables = ("raw.files", *_RAW, *(f"public.{name}" for name in _LINKED))
            rest.note_blobs(tables, "blob_url = any(%s)", [sorted(urls)])
            eraser.erased.kept_blobs = sorted(urls & rest.urls)
            eraser.erased.blobs = sorted(urls - rest.urls)
            for is_local in () if is_dry else (True, False):
                of_store = [u for u in eraser.erased.blobs if u.startswith(SCHEME) is is_local]
                if of_store:
                    stores(is_local).delete(of_store)


class _Eraser:
    """Deletes rows and keeps count of them, and of the blobs that they refer to."""

    def __init__(self, warehouse: Warehouse) -> None:
        self.erased = Erased()
        self.urls: set[str] = set()
        self._warehouse = warehouse
        self._tables = {
            f"{schema}.{name}" for schema in ("raw", "public") for name in warehouse.tables(schema)
        }

    def values(self, query: str, params: Sequence[object]) -> list[str]:
        """The first column of a query's rows."""
        return [row[0] for row in self._warehouse.fetch(query, params)]

    def note_blobs(self, tables: Sequence[str], where: str, params: Sequence[object]) -> None:
        """Note which blobs the rows of some tables refer to."""
        for table in self._tables.intersection(tables):
            query = f"select blob_url from {table} where blob_url is not null and {where}"  # noqa: S608 - names of ours
            self.urls.update(self.values(query, params))

    def delete(self, table: str, where: str, params: Sequence[object]) -> None:
        """Delete rows of a table, where it is there."""
        if table not in self._tables:
            return
        query = f"select count(*) from {table} where {where}"  # noqa: S608 - names of ours
        count = self._warehouse.fetch(query, params)[0][0]
        if count:
            self._warehouse.execute(f"delete from {table} where {where}", params)  # noqa: S608
            self.erased.rows[table] = self.erased.rows.get(table, 0) + count

    def delete_final(self, name: str, where: str, params: Sequence[object]) -> None:
        """Delete rows of a final table and the links to them; note which reports quote them."""
        if "public.report_data_links" not in self._tables:
            return
        ids = f"select id from public.{name} where {where}"  # noqa: S608 - names of ours
        linked = f"{_LINKED[name]} in ({ids})"
        if name != "generated_reports":
            quoting = self.values(_QUOTING.format(linked=linked), params)
            self.erased.quoting = sorted({*self.erased.quoting, *quoting})
        self.delete("public.report_data_links", linked, params)
        self.delete(f"public.{name}", where, params)
