"""Erase a person or a file from all tables, the blob store, and our files on this machine."""

import contextlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from loader.blobs import BlobStore
from loader.database.erase import erase_deleted, is_due, mark_as_due
from loader.database.locks import block_builds
from loader.database.warehouse import Warehouse, check_release
from loader.errors import WarehouseError
from loader.loading.lock import only_writer
from loader.loading.runs import remove_unfinished
from loader.maintenance.contents import delete_contents_of_no_text, delete_person
from loader.maintenance.eraser import NEEDED_HERE, Eraser, ForgetSummary, referenced
from loader.maintenance.joined_names import SPELLINGS, joined_names
from loader.maintenance.leftovers import Upload, remove_leftovers, unfinished_uploads
from loader.maintenance.old_files import OF_IDS, find_old_file
from loader.maintenance.old_rows import OldDays, old_rows_naming
from loader.maintenance.people import MAPPED, known_people
from loader.maintenance.sharing import needed_elsewhere
from loader.maintenance.traces import ERASED, erase_traces, find_traces, names_in_edits
from loader.parsing.spellings import Spellings, stored_name
from loader.settings import Settings
from loader.tables import FILE_TABLES, LINKS
from loader.words import counted
from loader.workspace.kinds import Kind
from loader.workspace.teams import load_teams

_READINGS = ("raw.files", "raw.rejections")
_FINALS = (*FILE_TABLES, LINKS)
_ERASED = [*_READINGS, *(f"raw.{name}" for name in FILE_TABLES), "raw.people", *_FINALS]

_OF_AUTHOR = "author_name = any(%s) and not team || chr(10) || author_name = any(%s)"
# Excludes other people's days under the same first name. Includes the person's own.
_OF_AUTHOR_OR_OLD = """
    (
        author_name = any(%s)
        and not cast(team_id as text) || chr(10) || author_name = any(%s)
        and not cast(id as text) = any(%s)
    )
    or cast(id as text) = any(%s)
"""
_OF_PATH = "source_path = %s"
_OF_BLOBS = "blob_url = any(%s)"
_AUTHORS = "select distinct author_name from {}"
_DAYS = f"select {{column}} from raw.daily_reports where {_OF_AUTHOR}"
_OF_MAPPED = """
    (full_name = any(%s) or spelling = any(%s))
    and not team || chr(10) || spelling = any(%s)
"""
_OF_SPELLING = """
    (author_name = any(%s) or spelling = any(%s))
    and not cast(team_id as text) || chr(10) || spelling = any(%s)
"""
# Readings of a file that gave only the person's rows: of the whole file, or of that version.
_OF_NOBODY_ELSE = """
    kind = '{kind}'
    and source_path = any(%s)
    and not exists (
        select 1
        from raw.{kind} as others
        where
            others.blob_url = files.blob_url
            or (
                others.source_path = files.source_path
                and (files.blob_url is null or not files.blob_url = any(%s))
            )
    )
"""
_WITHOUT_READING = """
    kind = '{kind}'
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


@dataclass(frozen=True, slots=True)
class ForgetOptions:
    """Options of an erasure.

    Args:
        store_of: Returns the store of a blob, given its URL.
        is_dry: Only report what would be erased.
        with_blobs: Delete blobs without asking other targets, whose rows may refer to them.
    """

    store_of: Callable[[str], BlobStore]
    is_dry: bool = False
    with_blobs: bool = False


def forget_author(settings: Settings, name: str, options: ForgetOptions) -> ForgetSummary:
    """Erase a person's daily reports, other mentions of the person, and the blobs of their files.

    Args:
        settings: The settings of the target.
        name: The full name, as in the tables or in the texts of the replaced system's rows, or
            another spelling. Names that aliases join are erased together.
        options: Whether to only report, and how to treat blobs.

    Raises:
        LockedError: A run is loading, or a build is running.
        WarehouseError: Nobody has this name, or several people have it.
        BlobError: A blob could not be deleted. No row was deleted; run the command again.
    """
    teams = load_teams()
    with _erasing(settings, options) as (eraser, uploads, is_continued):
        old_days = OldDays(eraser)
        known = sorted({*_authors(eraser), *old_days.authors})
        people = known_people(eraser.stream("raw.people", MAPPED), teams)
        joined = joined_names(eraser, people, teams, name)
        names, others = sorted({*_names(name, known), *joined.names}), joined.of_others
        eraser.summary.names = names
        spellings = Spellings([name, *joined.unshared], known)
        eraser.summary.also_known = _also_known(eraser, names, spellings, known)
        if not names:
            if is_continued:
                return eraser.summary
            raise _nobody(name, known, eraser.summary.also_known, eraser.not_ours)
        paths = sorted(set(_days(eraser, "source_path", names, others)))
        texts = _days(eraser, "content", names, others)
        traces = find_traces(eraser, spellings, names, paths, texts)
        eraser.note_blobs("raw.files", "source_path = any(%s)", [paths])
        for each in uploads:
            if each.author in names or spellings.are_in(each.path):
                eraser.urls.add(each.url)
        old = old_days.split(names, known)
        eraser.summary.unclear = [str(day) for day in old.unclear]
        but = {*old.own, *(day.id for day in old.unclear)}
        eraser.summary.naming_rows = old_rows_naming(eraser, spellings, but)
        params = [names, others, old.of_others, old.own]
        eraser.delete_final(Kind.DAILY_REPORTS, _OF_AUTHOR_OR_OLD, params)
        theirs = eraser.delete("raw.daily_reports", _OF_AUTHOR, [names, others])
        for kind, of_kind in traces.paths.items():
            params = [sorted(of_kind)]
            eraser.delete("raw.files", _OF_NOBODY_ELSE.format(kind=kind), [*params, theirs])
            eraser.delete("raw.rejections", _WITHOUT_READING.format(kind=kind), params)
        # Keep the rows: without them, the next run would load the mapping file again.
        nobody = "full_name = null, spelling = null"
        eraser.blank("raw.people", nobody, _OF_MAPPED, [names, names, others])
        eraser.delete(SPELLINGS, _OF_SPELLING, [names, names, others])
        delete_person(eraser, names, others)
        erase_traces(eraser, traces)
    return eraser.summary


def forget_path(settings: Settings, path: str, options: ForgetOptions) -> ForgetSummary:
    """Erase a file's rows from raw and final tables, with its blobs.

    The next build restores rows that another file also has.

    Args:
        settings: The settings of the target.
        path: The file's path relative to the workspace, with `/`.
        options: Whether to only report, and how to treat blobs.

    Raises:
        LockedError: A run is loading, or a build is running.
        WarehouseError: No run has read such a file.
        BlobError: A blob could not be deleted. No row was deleted; run the command again.
    """
    with _erasing(settings, options) as (eraser, uploads, is_continued):
        eraser.urls.update(each.url for each in uploads if each.path == path)
        raw = [f"raw.{kind}" for kind in FILE_TABLES]
        for table in ("raw.files", *raw):
            eraser.note_blobs(table, _OF_PATH, [path])
        urls = sorted(eraser.urls)
        old = find_old_file(eraser, path, load_teams())
        for kind in FILE_TABLES:
            eraser.delete_final(kind, _OF_BLOBS, [urls])
            eraser.apply_again(kind, path)
        if old:
            eraser.summary.unclear_rows = old.unclear
            eraser.delete_final(old.kind, OF_IDS, [old.ids])
        for table in (*raw, "raw.people", *_READINGS):
            eraser.delete(table, _OF_PATH, [path])
        if not (eraser.summary.rows or eraser.summary.unclear_rows or is_continued):
            message = f"No file {path!r} was ever read. Paths are relative to the workspace."
            raise WarehouseError(message + eraser.not_ours)
        # Another file with the same day also shows where the text is.
        eraser.blank("raw.rejections", f"detail = '{ERASED}'", "strpos(detail, %s) > 0", [path])
    return eraser.summary


def _authors(eraser: Eraser) -> list[str]:
    tables = (f"raw.{Kind.DAILY_REPORTS}", Kind.DAILY_REPORTS.value)
    return [name for each in tables for name in eraser.values(each, _AUTHORS.format(each))]


def _names(name: str, known: Sequence[str]) -> list[str]:
    """Return the known names that are spellings of this name."""
    return [each for each in known if stored_name(each) == stored_name(name)]


def _also_known(
    eraser: Eraser, names: Sequence[str], spellings: Spellings, known: Sequence[str]
) -> list[str]:
    """Return names that may also be the person's: spellings, and names that an edit replaced."""
    edited = {new for old, new in names_in_edits(eraser) if old in names}
    edited |= {old for old, new in names_in_edits(eraser) if new in names}
    found = {*spellings.similar(known), *edited.intersection(known)}
    return sorted(found.difference(names))


def _nobody(
    name: str, known: Sequence[str], also_known: Sequence[str], not_ours: str
) -> WarehouseError:
    near = ", ".join(also_known or get_close_matches(name, known)) or (
        counted(len(known), "other") if known else "nobody"
    )
    return WarehouseError(f"No daily report is by {name!r}. There are: {near}.{not_ours}")


def _days(eraser: Eraser, column: str, names: Sequence[str], others: Sequence[str]) -> list[str]:
    query = _DAYS.format(column=column)
    return eraser.values(f"raw.{Kind.DAILY_REPORTS}", query, [names, others])


@contextlib.contextmanager
def _erasing(
    settings: Settings, options: ForgetOptions
) -> Iterator[tuple[Eraser, list[Upload], bool]]:
    """Yield an eraser in a transaction, the uploads of unfinished runs, and whether to continue.

    Continue if an earlier command was interrupted.
    At the end of the transaction, delete the blobs that no row needs. Then remove what the
    database still keeps of deleted rows.
    """
    with only_writer(settings, _ERASED, allows_foreign=True) as warehouse:
        check_release(warehouse)
        is_continued = not options.is_dry and is_due(settings)
        uploads = unfinished_uploads(settings, warehouse)
        if not options.is_dry:
            if "runs" in warehouse.tables("raw"):
                remove_unfinished(warehouse)
            remove_leftovers(settings)
        with warehouse.transaction(is_kept=not options.is_dry):
            block_builds(warehouse, _FINALS)
            eraser = Eraser(warehouse)
            yield eraser, uploads, is_continued
            eraser.delete_edits_of_no_row()
            delete_contents_of_no_text(eraser)
            eraser.conclude()
            _delete_blobs(settings, warehouse, eraser, options)
            if not options.is_dry:
                mark_as_due(settings)
        if not options.is_dry:
            erase_deleted(warehouse, settings, eraser.changed)


def _delete_blobs(
    settings: Settings, warehouse: Warehouse, eraser: Eraser, options: ForgetOptions
) -> None:
    """Delete the blobs of erased rows that no row needs, here or in another target's database."""
    summary, needed = eraser.summary, referenced(warehouse, eraser.urls)
    summary.kept_because = dict.fromkeys(needed, NEEDED_HERE)
    asked = set() if options.with_blobs else eraser.urls - needed
    with needed_elsewhere(settings, asked) as reasons:
        summary.kept_because |= reasons
        summary.kept_blobs = sorted(summary.kept_because)
        by_store: dict[BlobStore, list[str]] = {}
        for url in sorted(eraser.urls.difference(summary.kept_blobs)):
            by_store.setdefault(options.store_of(url), []).append(url)
        for store, of_store in by_store.items():
            owned = [url for url in of_store if store.owns(url)]
            if not options.is_dry:
                store.delete(owned)
            summary.blobs += owned
            summary.foreign_blobs += sorted({*of_store}.difference(owned))
