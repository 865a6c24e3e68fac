"""List the files of a run in parts, with their previous reads."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyarrow.parquet as pq

from loader.errors import WorkspaceError
from loader.extract.configs import TeamConfigs
from loader.extract.options import PreviousRead, RunOptions
from loader.extract.run_folder import Plan, RunFolder, prepared
from loader.extract.shards import ListedFile, Shard, rows_of
from loader.parsing.escapes import escaped_line
from loader.parsing.rejections import Rejection
from loader.tables import Outcome
from loader.workspace import Listing, SourceFile
from loader.workspace.kinds import KINDS, Kind
from loader.workspace.team_config import REPORTS, has_report
from loader.workspace.teams import other_names

_PARTS_IN_SHARD = 64


@dataclass(frozen=True, slots=True)
class Prefix:
    """A team's files of one kind, to be listed.

    Args:
        run: The run's folder.
        index: The prefix's number in the run.
        team: The team's folder; empty for the files next to the team folders.
        kind: The kind of the files.
        has_previous: Whether previous reads may exist.
    """

    run: str
    index: int
    team: str
    kind: Kind
    has_previous: bool = True

    @property
    def previous(self) -> str:
        """Return the file with the previous reads, sorted by path; it may be missing."""
        return f"previous/{self.index:05}.parquet"


@dataclass(frozen=True, slots=True)
class GoneFile:
    """A file that existed at the last run and no longer exists.

    Args:
        kind: The table that it fed.
        team: The team's folder.
        path: Relative to the workspace.
    """

    kind: Kind
    team: str
    path: str


@dataclass(frozen=True, slots=True)
class Listed:
    """The listing of a prefix.

    Args:
        shards: The names of its shards.
        parts: Number of parts.
        files: Number of files of the workspace.
        ignored: Number of files that are not input.
        ignored_paths: Paths of the first ignored files.
        gone: The files of earlier reads that no longer exist.
    """

    shards: list[str]
    parts: int
    files: int
    ignored: int
    ignored_paths: list[str]
    gone: list[GoneFile]


def list_prefix(prefix: Prefix) -> Listed:
    """List a prefix and write its shards. Run as a task.

    Raises:
        EngineError: The loader on this machine has another version than the run.
        WorkspaceError: The prefix cannot be listed.
    """
    folder, _, plan, options = prepared(prefix.run)
    listing = Listing()
    files: Iterable[SourceFile] = ()
    if prefix.team:
        files = options.workspace.scan(prefix.kind, prefix.team, listing)
    else:
        options.workspace.scan_root(prefix.kind, listing)
    config = ""
    if plan.keeps_parts:
        config = TeamConfigs(options).version(prefix.team) if prefix.team else ""
        files = map(options.workspace.with_version, files)
    previous = _previous(folder, prefix) if prefix.has_previous else iter(())
    gone: list[str] = []
    listed = _with_previous(files, previous, gone)
    shards: list[str] = []
    shard: Shard | None = None
    parts = count = 0
    for part in _parts(listed, listing, prefix, plan):
        shard = shard or Shard(prefix.team, prefix.kind, prefix.index, plan, config)
        shard.add(part, parts)
        parts += 1
        count += len(part)
        if len(shard.ids) == _PARTS_IN_SHARD:
            shards.append(shard.write(folder))
            shard = None
    if shard:
        shards.append(shard.write(folder))
    refused = [source.path for source, _ in listing.rejections]
    missing = [
        GoneFile(prefix.kind, prefix.team, path) for path in gone if not _is_below(path, refused)
    ]
    return Listed(shards, parts, count, listing.ignored, listing.ignored_paths, missing)


def folders_in_scope(options: RunOptions) -> list[str]:
    """Return the team folders to read: all, or those requested by folder or team.

    Raises:
        WorkspaceError: The workspace or a requested team does not exist, or the report type is
            unknown.
    """
    present = options.workspace.team_folders()
    chosen = set()
    teams = options.teams
    for name in options.only:
        team = teams.get(name, name)  # also by key, which may be a former name
        folders = [
            folder for folder in present if folder == name or teams.get(folder) in (name, team)
        ]
        if not folders:
            known = ", ".join(map(escaped_line, present)) or "none"
            message = (
                f"No folder of a team {name!r} in {options.workspace.url}. There are: {known}."
            )
            raise WorkspaceError(message)
        chosen.update(folders)
    folders = [folder for folder in present if folder in chosen] if options.only else present
    names = [name for folder in folders for name in (folder, *other_names(folder, options.teams))]
    if options.report not in REPORTS and not has_report(options.workspace, names, options.report):
        file, known = f"configs/{{team}}/config.{options.report}.json", ", ".join(REPORTS)
        message = f"Unknown report type {options.report!r}: no team has {file}. Use one of {known}."
        raise WorkspaceError(message)
    return folders


def _parts(
    files: Iterable[ListedFile], listing: Listing, prefix: Prefix, plan: Plan
) -> Iterator[list[ListedFile]]:
    """Yield parts of a bounded size: first the files, then the rejections of the listing."""
    is_divided = not KINDS[prefix.kind].is_one_part
    part: list[ListedFile] = []
    size = 0
    for file in files:
        is_full = len(part) >= plan.part_files or size + file.size > plan.part_bytes
        if part and is_full and is_divided:
            yield part
            part, size = [], 0
        part.append(file)
        size += file.size
    for source, rejection in listing.rejections:
        if len(part) >= plan.part_files and is_divided:
            yield part
            part = []
        part.append(_listed(source, rejection=rejection))
    # If a team has no Jira file, its datasources may contain the text.
    if part or (prefix.kind is Kind.JIRA_SNAPSHOTS and prefix.team in plan.teams):
        yield part


def _listed(
    file: SourceFile, read: PreviousRead | None = None, rejection: Rejection | None = None
) -> ListedFile:
    return ListedFile(
        kind=file.kind,
        team=file.team,
        path=file.path,
        size=file.size,
        modified_at=file.modified_at,
        version=file.version,
        reason=rejection.reason if rejection else None,
        detail=rejection.detail if rejection else None,
        sha256=read.sha256 if read else None,
        outcome=read.outcome if read else None,
        parser_version=read.parser_version if read else None,
        worst=read.worst if read else None,
    )


def _previous(folder: RunFolder, prefix: Prefix) -> Iterator[PreviousRead]:
    try:
        file = folder.open(prefix.previous)
    except FileNotFoundError:
        return
    with file:
        for batch in pq.ParquetFile(file).iter_batches():
            yield from rows_of(PreviousRead, batch)


def _with_previous(
    files: Iterable[SourceFile], previous: Iterator[PreviousRead], gone: list[str]
) -> Iterator[ListedFile]:
    """Yield files with their previous reads; both inputs are sorted by path, in code point order.

    Paths that no longer exist are added to `gone`.
    """
    read = next(previous, None)
    for file in files:
        while read and read.path < file.path:
            gone += _path_of(read)
            read = next(previous, None)
        yield _listed(file, read if read and read.path == file.path else None)
        if read and read.path == file.path:
            read = next(previous, None)
    while read:
        gone += _path_of(read)
        read = next(previous, None)


def _path_of(read: PreviousRead) -> list[str]:
    return [read.path] if read.outcome != Outcome.GONE else []


def _is_below(path: str, refused: list[str]) -> bool:
    """Return whether a path or a folder above it was refused: such a path may still exist."""
    return any(path == each or path.startswith(f"{each}/") for each in refused)
