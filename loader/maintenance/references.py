"""Find the blobs that the database references, and the content that its rows expect in them."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from loader.blobs import digest_in
from loader.database.queries import FINISHED
from loader.database.warehouse import Warehouse, check_release, missing_tables
from loader.errors import WarehouseError
from loader.tables import FILE_TABLES

_COLUMNS = "team, kind, source_path, blob_key, blob_url, sha256, byte_size, loaded_at"
_DESCRIBED = {kind for kind, table in FILE_TABLES.items() if table.blob_size}
# A reading's checksum is that of its file. If the blob is a part of the file, its row has its own.
_OF_ROWS = [
    f"""
        select
            team, '{kind}' as kind, source_path, blob_key, blob_url, checksum_sha256 as sha256,
            byte_size, loaded_at
        from raw.{kind}
        where {FINISHED}
    """
    for kind in sorted(_DESCRIBED)
]
_OF_READINGS = f"""
        select
            team, kind, source_path, blob_key, blob_url, file_sha256 as sha256, byte_size, loaded_at
        from raw.files
        where
            blob_url is not null
            and kind not in ({", ".join(map("'{}'".format, sorted(_DESCRIBED)))})
            and {FINISHED}
"""
_OF_LOADS = f"""
    select distinct on (blob_url, sha256) {_COLUMNS}
    from ({" union all ".join([_OF_READINGS, *_OF_ROWS])}) as referenced
    order by blob_url, sha256, loaded_at desc
"""
# A row of the replaced system has no `loaded_at`: its last change counts as the load time.
_OF_FINAL_TABLE = """
    select distinct on (stored.blob_url)
        coalesce({team}, ''), '{kind}', '', coalesce(stored.blob_key, ''), stored.blob_url,
        cast(null as text), cast(null as bigint),
        cast({loaded_at} as timestamp with time zone) as latest_at
    from {kind} as stored
    {join}
    where stored.blob_url is not null
    order by stored.blob_url, latest_at desc
"""
_JOIN = "left join teams on stored.team_id = teams.id"
_CONTENTS = "select blob_url, {checksum}, {size}, {text} from {kind} where blob_url = any(%s)"
_NAMES = "select distinct blob_key, blob_url from {table} where {where}"


@dataclass(frozen=True, slots=True)
class Content:
    """The content that a final row expects in its blob.

    Args:
        checksum: The SHA-256 of the blob, or of the text; None if the row has none.
        size: The size of the blob in bytes; None if the row does not record it.
        text: The text that the blob must contain; None if only the blob has it.
    """

    checksum: str | None
    size: int | None
    text: str | None


@dataclass(frozen=True, slots=True)
class Reference:
    """A blob that rows of the database refer to.

    Args:
        team: The team's folder, or its name; empty if its row has no team.
        kind: The table that its file feeds.
        source_path: Its file, relative to the workspace; empty if raw no longer has it.
        key: The blob's name in the store.
        url: The address for reading it.
        sha256: Hash of its bytes according to loads; None if only final rows refer to the blob.
        size: Size in bytes according to loads; None likewise.
        loaded_at: The time of the last load.
        contents: The contents that final rows expect, if no load knows the bytes.
    """

    team: str
    kind: str
    source_path: str
    key: str
    url: str
    sha256: str | None
    size: int | None
    loaded_at: datetime
    contents: tuple[Content, ...] = ()


def read_references(warehouse: Warehouse) -> list[Reference]:
    """Return the blobs that finished loads and final tables reference, each once, by address.

    Raises:
        WarehouseError: No table exists, or the query fails.
    """
    raw, final = warehouse.tables("raw"), _final_columns(warehouse)
    if not raw and not final:
        load = f"python -m loader run --target {warehouse.settings.target} --workspace DIR"
        raise WarehouseError(f"Nothing is loaded yet. Load first: {load}")
    missing = {"files", *_DESCRIBED} - raw
    if raw and missing:
        raise missing_tables(missing, warehouse.settings.target)
    check_release(warehouse)
    references = [Reference(*row) for row in warehouse.fetch(_OF_LOADS)] if raw else []
    by_url = {reference.url: reference for reference in references}
    for kind, columns in final.items():
        has_team = "team_id" in columns and "teams" in warehouse.final_tables()
        moments = [name for name in ("loaded_at", "updated_at") if name in columns]
        query = _OF_FINAL_TABLE.format(
            kind=kind,
            team="teams.name" if has_team else "null",
            join=_JOIN if has_team else "",
            loaded_at=f"coalesce({', '.join(f'stored.{name}' for name in moments)})",
        )
        for row in warehouse.fetch(query):
            reference = Reference(*row)
            if by_url.setdefault(reference.url, reference) is reference:
                references.append(reference)
    return references


def with_contents(warehouse: Warehouse, references: Sequence[Reference]) -> list[Reference]:
    """Add the contents that final rows expect, for blobs whose bytes no load knows.

    Row texts are read only for names without a hash, which the replaced system gave.
    """
    contents: dict[str, list[Content]] = defaultdict(list)
    for kind, table in FILE_TABLES.items():
        urls = [
            each.url
            for each in references
            if each.kind == kind
            and each.sha256 is None
            and (table.blob_checksum or not digest_in(each.key))
        ]
        if urls:
            query = _CONTENTS.format(
                kind=kind,
                checksum=table.blob_checksum or table.text_checksum or "null",
                size=table.blob_size or "null",
                text="null" if table.blob_checksum else table.text or "null",
            )
            for url, *values in warehouse.fetch(query, [urls]):
                contents[url].append(Content(*values))
    return [
        replace(each, contents=tuple(contents[each.url])) if each.url in contents else each
        for each in references
    ]


def read_names(warehouse: Warehouse) -> set[tuple[str | None, str | None]]:
    """Return each name and address by which a row refers to a blob; either may be missing."""
    tables = [(kind, "true") for kind in _final_columns(warehouse)]
    if warehouse.tables("raw"):
        tables += [(f"raw.{name}", FINISHED) for name in ("files", *FILE_TABLES)]
    return {
        (key, url)
        for table, where in tables
        for key, url in warehouse.fetch(_NAMES.format(table=table, where=where))
    }


def of_teams(
    references: list[Reference], teams: dict[str, str], only: Sequence[str]
) -> list[Reference]:
    """Return the references of some teams.

    Args:
        references: The references to filter.
        teams: Team names by folder name.
        only: Folders or names of the teams to keep; empty for all.

    Raises:
        WarehouseError: A team has no reference.
    """
    wanted = {teams.get(name, name) for name in only}
    loaded = {reference.team for reference in references}
    names = {teams.get(team, team) for team in loaded}
    for name in sorted(wanted - names):
        known = ", ".join(sorted(loaded | names)) or "none"
        raise WarehouseError(f"No blob of a team {name!r} is referenced. There are: {known}.")
    return [each for each in references if not only or teams.get(each.team, each.team) in wanted]


def loaded_since(references: Iterable[Reference], day: date) -> list[Reference]:
    """Return the references that were loaded on this day (UTC) or later."""
    return [each for each in references if each.loaded_at.astimezone(UTC).date() >= day]


def sampled(references: list[Reference], size: int | None) -> list[Reference]:
    """Return a random sample of this size, a different one each time; all if size is None."""
    if size is None or size >= len(references):
        return references
    return random.sample(references, size)


def _final_columns(warehouse: Warehouse) -> dict[str, set[str]]:
    """Return the columns of the final tables that refer to blobs; some may still lack them."""
    there = {kind.value: warehouse.columns(warehouse.final_schema, kind) for kind in FILE_TABLES}
    return {kind: columns for kind, columns in there.items() if "blob_url" in columns}
